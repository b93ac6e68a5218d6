using Rebound.Models;

namespace Rebound.Training.Verification;

/// <summary>The models that losses of training methods are computed with.</summary>
/// <param name="Load">
/// Opens the model that is trained, with its weights as they are stored; called for every method, and what it gives is disposed of.
/// </param>
/// <param name="Reference">The model that dpo, kto and apo-zero compare with.</param>
/// <param name="Old">The model that the rows of nft and grpo were drawn from.</param>
public sealed record LossModels(Func<LlamaModel> Load, LlamaModel Reference, LlamaModel Old);
