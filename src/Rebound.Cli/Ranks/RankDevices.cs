using Rebound.Engine.Cuda;

namespace Rebound.Cli.Ranks;

/// <summary>Which of the GPUs that a process sees is its own.</summary>
internal static class RankDevices
{
    /// <summary>
    /// The one of its number on the host. A launcher that gives each process a GPU of its own leaves it to see that one alone, whatever
    /// its number.
    /// </summary>
    /// <param name="visible">GPUs that this process sees, at least 1.</param>
    /// <exception cref="InputException">There are more ranks than GPUs.</exception>
    public static int IndexFor(RankPlan plan, int visible) => visible == 1 && plan.LocalSize > 1 && !plan.StartsLocalRanks
        ? 0
        : plan.LocalRank < visible
            ? plan.LocalRank
            : throw new InputException(
                $"Rank {plan.Rank} is number {plan.LocalRank} of its host, which has {visible} GPUs: start at most {visible} ranks a host "
                + "(--gpus, --nproc-per-node).");

    /// <summary>A GPU as no other of its host is named, so that two ranks on it are found.</summary>
    public static string NameOf(CudaDevice device) =>
        device.Uuid.Length > 0 ? $"{device.Name} ({device.Uuid})" : $"GPU {device.Index}";
}
