using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Training;

namespace Rebound.Training.Runs;

/// <summary>The bytes that a run will write, and those that are free.</summary>
/// <param name="Checkpoints">Checkpoints that are there at the end.</param>
/// <param name="CheckpointBytes">One of them: what is trained and its moments.</param>
/// <param name="ModelBytes">The trained model, or adapter.</param>
public sealed record DiskPlan(int Checkpoints, long CheckpointBytes, long ModelBytes, long Free)
{
    /// <summary>At the worst moment one checkpoint more is written than is kept.</summary>
    public long Needed => ModelBytes + (Checkpoints == 0 ? 0 : (Checkpoints + 1) * CheckpointBytes);

    public static DiskPlan Of(RunOptions options, TrainingPlan plan, MemoryPlan memory)
    {
        var checkpoints = Math.Min(options.Checkpoints.Schedule.Times(plan), options.Checkpoints.KeepNewest ?? int.MaxValue);
        var model = memory.StoredParameters / (options.SaveType == StoredFloatType.F32 ? 1 : 2);
        return new DiskPlan(checkpoints, memory.StoredParameters + memory.StoredMoments, model, FreeBytes(options.OutputFolder));
    }

    private static long FreeBytes(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        return new DriveInfo(existing).AvailableFreeSpace;
    }
}
