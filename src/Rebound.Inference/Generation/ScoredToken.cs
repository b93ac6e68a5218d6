using Rebound.Engine;

namespace Rebound.Inference.Generation;

/// <summary>A token of a prompt, as the model has it after those before it.</summary>
/// <param name="LogProbability">Natural, by the model's own logits.</param>
/// <param name="Rank">Its place among all tokens, the likeliest at 1; of equally likely ones that of the smallest id comes first.</param>
/// <param name="Likeliest">The likeliest tokens in its place, the likeliest first: as many as were asked for.</param>
public readonly record struct ScoredToken(int Token, float LogProbability, int Rank, IReadOnlyList<LikelyToken> Likeliest);
