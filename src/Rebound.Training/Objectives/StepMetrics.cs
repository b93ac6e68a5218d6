using System.Runtime.InteropServices;

namespace Rebound.Training.Objectives;

/// <summary>Means of what an objective sees in a step, by the names that people know from other trainers.</summary>
internal sealed class StepMetrics
{
    private readonly Dictionary<string, (double Sum, long Count)> _means = [];

    public void Add(string name, double value)
    {
        ref var mean = ref CollectionsMarshal.GetValueRefOrAddDefault(_means, name, out _);
        mean = (mean.Sum + value, mean.Count + 1);
    }

    /// <summary>The means in the order of their names; empty for an objective that has none.</summary>
    public IReadOnlyDictionary<string, double> Means() => _means.OrderBy(mean => mean.Key, StringComparer.Ordinal)
        .ToDictionary(mean => mean.Key, mean => mean.Value.Sum / mean.Value.Count);
}
