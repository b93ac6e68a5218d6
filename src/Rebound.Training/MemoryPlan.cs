using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Training;

/// <summary>The bytes that a run needs at its peak, known before its weights are read.</summary>
public sealed record MemoryPlan
{
    /// <summary>Gradients, and AdamW's two moments.</summary>
    private const int StateCopies = 3;

    /// <summary>
    /// What the process grows by from its first step to its end, whatever the model: code that is compiled, the products'
    /// panels, and garbage of the writing of files. Between 40 and 70 MiB were measured.
    /// </summary>
    private const long Growth = 55L << 20;

    public required long Parameters { get; init; }

    public required long TrainableParameters { get; init; }

    /// <summary>Bytes of the model's weights, and of an adapter's.</summary>
    public required long Weights { get; init; }

    /// <summary>Bytes of gradients and two moments of what is trained.</summary>
    public required long OptimizerState { get; init; }

    /// <summary>Bytes of AdamW's two moments, which checkpoints hold.</summary>
    public long Moments => Trained * 2;

    /// <summary>Bytes of what is trained: all weights, or an adapter's.</summary>
    public long Trained => OptimizerState / StateCopies;

    /// <summary>Bytes of the largest batch, forward and backward, and of the largest held-out batch.</summary>
    public required long Activations { get; init; }

    /// <summary>Bytes of the runtime, the tokenizer, the documents, and of what is compiled and written on the way.</summary>
    public required long Process { get; init; }

    /// <summary>Bytes that the machine, or the container, gives the process.</summary>
    public required long Available { get; init; }

    public long Peak => Weights + OptimizerState + Activations + Process;

    /// <param name="adapter">What is trained beside frozen weights; null for the weights.</param>
    /// <param name="heldOutBatch">Tokens of the largest batch that only goes forward; 0 for none.</param>
    /// <param name="processBytes">What the process takes now, with everything loaded but the weights.</param>
    public static MemoryPlan Of(
        Backend backend, LlamaConfig config, LoraLayout? adapter, TrainingPlan plan, int heldOutBatch, long processBytes)
    {
        var (weights, beside) = (ParameterTable.For(config), adapter?.Parameters);
        var trained = beside ?? weights;
        return new MemoryPlan
        {
            Parameters = weights.Count + (beside?.Count ?? 0),
            TrainableParameters = trained.Count,
            Weights = weights.Bytes + (beside?.Bytes ?? 0),
            OptimizerState = StateCopies * trained.Bytes,
            Activations = LlamaModel.WorkspaceBytes(backend, config, plan.LargestBatch, backward: true, adapter)
                + (heldOutBatch > 0 ? LlamaModel.WorkspaceBytes(backend, config, heldOutBatch, backward: false, adapter) : 0),
            Process = processBytes + Growth,
            Available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        };
    }
}
