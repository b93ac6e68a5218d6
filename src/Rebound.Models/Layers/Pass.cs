using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>The common input of all layers in one forward or backward pass over a batch.</summary>
/// <param name="Weights">The model's, whether they are trained or frozen.</param>
/// <param name="Dropout">Of the adapters' inputs.</param>
/// <param name="MayRound">
/// Whether inputs may be rounded for products with weights in blocks: when text is generated, and neither measured nor learned from.
/// </param>
internal readonly record struct Pass(
    ParameterSet Weights, PreparedBatch Batch, RotaryTable Rotary, AdapterDropout Dropout = default, bool MayRound = false)
{
    /// <summary>T.</summary>
    public int Tokens => Batch.TokenCount;

    /// <summary>R: the selected rows, with which the last block goes on after attention.</summary>
    public int SelectedRows => Batch.Rows.Length;
}
