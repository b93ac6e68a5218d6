using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training;

/// <summary>The bytes that a run needs at its peak, known before its weights are read.</summary>
public sealed record MemoryPlan
{
    /// <summary>Gradients, and AdamW's two moments.</summary>
    private const int StateCopies = 3;

    public required long Parameters { get; init; }

    public required long TrainableParameters { get; init; }

    /// <summary>Bytes of the model's weights.</summary>
    public required long Weights { get; init; }

    /// <summary>Bytes of gradients and two moments of what is trained.</summary>
    public required long OptimizerState { get; init; }

    /// <summary>Bytes of AdamW's two moments, which checkpoints hold.</summary>
    public long Moments => OptimizerState / StateCopies * 2;

    /// <summary>Bytes of the largest batch, forward and backward, and of the largest held-out batch.</summary>
    public required long Activations { get; init; }

    /// <summary>Bytes of the runtime, the tokenizer, the documents, and of what writing a tensor takes.</summary>
    public required long Process { get; init; }

    /// <summary>Bytes that the machine, or the container, gives the process.</summary>
    public required long Available { get; init; }

    public long Peak => Weights + OptimizerState + Activations + Process;

    /// <param name="heldOutBatch">Tokens of the largest batch that only goes forward; 0 for none.</param>
    /// <param name="processBytes">What the process takes now, with everything loaded but the weights.</param>
    public static MemoryPlan Of(Backend backend, LlamaConfig config, TrainingPlan plan, int heldOutBatch, long processBytes)
    {
        var table = ParameterTable.For(config);
        return new MemoryPlan
        {
            Parameters = table.Count,
            TrainableParameters = table.Count,
            Weights = table.Bytes,
            OptimizerState = StateCopies * table.Bytes,
            Activations = LlamaModel.WorkspaceBytes(backend, config, plan.LargestBatch, backward: true)
                + (heldOutBatch > 0 ? LlamaModel.WorkspaceBytes(backend, config, heldOutBatch, backward: false) : 0),
            Process = processBytes,
            Available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        };
    }
}
