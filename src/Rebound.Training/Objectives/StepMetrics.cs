namespace Rebound.Training.Objectives;

/// <summary>Means of what an objective sees in a step, by the names that people know from other trainers.</summary>
internal sealed class StepMetrics
{
    private readonly SortedDictionary<string, (double Sum, long Count)> _means = new(StringComparer.Ordinal);

    public void Add(string name, double value)
    {
        var (sum, count) = _means.GetValueOrDefault(name);
        _means[name] = (sum + value, count + 1);
    }

    /// <summary>The means; empty for an objective that has none.</summary>
    public IReadOnlyDictionary<string, double> Means() =>
        _means.ToDictionary(mean => mean.Key, mean => mean.Value.Sum / mean.Value.Count);
}
