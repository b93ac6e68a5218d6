using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>One pass over a batch, forward or backward: what all layers read.</summary>
/// <param name="Weights">The model's, whether they are trained or frozen.</param>
/// <param name="Dropout">Of the adapters' inputs.</param>
internal readonly record struct Pass(ParameterSet Weights, PreparedBatch Batch, RotaryTable Rotary, AdapterDropout Dropout = default)
{
    /// <summary>T.</summary>
    public int Tokens => Batch.TokenCount;

    /// <summary>R: rows that the last block goes on with.</summary>
    public int SelectedRows => Batch.Rows.Length;
}
