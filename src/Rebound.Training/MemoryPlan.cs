using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Training.Ranks;

namespace Rebound.Training;

/// <summary>The bytes that a run needs at its peak, known before its weights are read: of the device, or of the process.</summary>
public sealed record MemoryPlan
{
    /// <summary>
    /// The growth of the process from its first step to its end, whatever the model: compiled code, the products' panels, and garbage
    /// of writing files.
    /// </summary>
    private const long ProcessGrowth = 55L << 20;

    /// <summary>A GPU's memory beside tensors: kernels, the libraries' memory, partial sums, and lists of the batches.</summary>
    private const long DeviceGrowth = 128L << 20;

    public required long Parameters { get; init; }

    public required long TrainableParameters { get; init; }

    /// <summary>
    /// Bytes of the model's weights, and of an adapter's, with their lower halves where they are trained in two, and of the block that
    /// ranks gather to write them: those of a rank on its own
    /// device; of all ranks of the host, as of all else here, where they share its memory.
    /// </summary>
    public required long Weights { get; init; }

    /// <summary>Bytes of gradients and, unless they are in <see cref="Offloaded"/>, AdamW's two moments of what is trained.</summary>
    public required long OptimizerState { get; init; }

    /// <summary>
    /// Bytes of host memory, beside a device, of moments, lower halves and what is copied of weights and gradients, for all ranks of the
    /// host; 0 where they are counted above.
    /// </summary>
    public long Offloaded { get; init; }

    /// <summary>
    /// Bytes of host memory, for all ranks of the host, of the copy that checkpoints are written from while training goes on; 0 where it
    /// has no room, or nothing is saved on the way.
    /// </summary>
    public long Snapshot { get; init; }

    /// <summary>Whether there are to be checkpoints on the way, and no room for a copy: training waits while they are written.</summary>
    public bool WaitsForSaves { get; init; }

    /// <summary>Bytes that the machine or the container gives the process.</summary>
    public long HostAvailable { get; init; }

    /// <summary>Whether the model computes in the host's memory, which <see cref="Available"/> is then.</summary>
    public bool IsInHost { get; init; }

    /// <summary>
    /// Bytes of the largest batch, forward and backward, and of the largest that only goes forward, unless it fits there.
    /// </summary>
    public required long Activations { get; init; }

    /// <summary>Bytes of the runtime, the tokenizer, the documents, and of what is compiled and written on the way.</summary>
    public required long Process { get; init; }

    /// <summary>Bytes that are free on the device, or that the machine or the container gives the process.</summary>
    public required long Available { get; init; }

    public long Peak => Weights + OptimizerState + Activations + Process + (IsInHost ? Snapshot : 0);

    /// <summary>Whether a copy for checkpoints has room.</summary>
    public bool FitsSnapshot => IsInHost
        ? Peak + StoredParameters + StoredMoments <= Available
        : Offloaded + StoredParameters + StoredMoments <= HostAvailable;

    /// <summary>The plan of a run that saves checkpoints on the way.</summary>
    /// <param name="fits">Whether a copy has room on all ranks.</param>
    public MemoryPlan WithSaves(bool fits) =>
        this with { Snapshot = fits ? StoredParameters + StoredMoments : 0, WaitsForSaves = !fits };

    /// <summary>Bytes of what is trained as checkpoints hold it: in fp32.</summary>
    public long StoredParameters => TrainableParameters * sizeof(float);

    /// <summary>Bytes of the two moments as checkpoints hold them: in fp32.</summary>
    public long StoredMoments => 2 * StoredParameters;

    /// <param name="adapter">The adapter to train; null to train the weights.</param>
    /// <param name="largestBatch">Tokens of the largest batch that is trained on.</param>
    /// <param name="heldOutBatch">Tokens of the largest batch that only goes forward; 0 for none.</param>
    /// <param name="processBytes">The memory of the process now, with everything loaded but the
    /// weights; a device's memory is separate.</param>
    /// <param name="frozenBytes">
    /// Bytes of the weights beside an adapter, where they stay as they are stored; null where they are widened.
    /// </param>
    /// <param name="ranksHere">Ranks that share the host's memory, whose bytes are planned together; on devices each has its own.</param>
    public static MemoryPlan Of(
        Backend backend, LlamaConfig config, LoraLayout? adapter, TrainingOptions training, int largestBatch, int heldOutBatch,
        long processBytes, int ranksHere = 1, long? frozenBytes = null)
    {
        var (weights, beside) = (ParameterTable.For(config), adapter?.Parameters);
        var (trained, type, part) = (beside ?? weights, backend.ElementType, new ParameterPart(0, training.Ranks));
        var here = backend.IsHostMemory ? ranksHere : 1;
        var storage = beside is null ? training.WeightStorage : ParameterStorage.Whole;
        var moments = 2 * ParameterSet.BytesOf(trained, training.Optimizer.MomentType, part: part, storage: ParameterStorage.OwnPart);
        var (copies, offloads) = (training.OffloadsOptimizer ? HostUpdate.BytesOf(trained, type, type) : 0, training.OffloadsOptimizer);
        var isBeside = offloads && !backend.IsHostMemory;
        var host = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new MemoryPlan
        {
            Parameters = weights.Count + (beside?.Count ?? 0),
            TrainableParameters = trained.Count,
            Weights = here * (beside is null
                ? ParameterSet.BytesOf(weights, type, exact: !offloads, part, training.WeightStorage) + Buffers(training.WeightStorage)
                : (frozenBytes ?? ParameterSet.BytesOf(weights, type)) + ParameterSet.BytesOf(beside, type, exact: true, part))
                + (here * GatheredParameters.BytesOf(trained, type, part, storage)),
            OptimizerState = here * (ParameterSet.BytesOf(trained, type, part: part, storage: training.GradientStorage)
                + Buffers(training.GradientStorage)
                + (isBeside ? 0 : moments + copies)),
            Offloaded = isBeside ? ranksHere * (moments + copies + ParameterSet.BytesOfLowerHalves(trained, type, part)) : 0,
            HostAvailable = host,
            IsInHost = backend.IsHostMemory,
            Activations = here
                * (LlamaModel.WorkspaceBytes(backend, config, largestBatch, backward: true, adapter, training.RecomputeBlocks)
                    + (heldOutBatch > largestBatch
                        ? LlamaModel.WorkspaceBytes(backend, config, heldOutBatch, backward: false, adapter)
                        : 0)),
            Process = backend.IsHostMemory ? here * (processBytes + ProcessGrowth) : DeviceGrowth,
            Available = backend.FreeBytes ?? host,
        };

        long Buffers(ParameterStorage storage) =>
            storage == ParameterStorage.OwnPart ? BlockBuffers.BytesOf(trained, type, part) : 0;
    }
}
