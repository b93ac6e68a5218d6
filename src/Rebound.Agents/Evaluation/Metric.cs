using System.Text.Json.Nodes;

namespace Rebound.Agents.Evaluation;

/// <summary>A score between 0 and 1 for every question, with its mean.</summary>
/// <param name="Name">As <c>info</c> names it: <c>accuracy</c> for <c>reward</c>, <c>em</c>, <c>f1</c>.</param>
/// <param name="Values">[questions], in the order in which they were asked for.</param>
/// <param name="Interval">Wilson's for what is right or wrong, and the bootstrap's for shares.</param>
public sealed record Metric(string Name, IReadOnlyList<double> Values, Interval Interval)
{
    public double Mean => Values.Average();

    public static Metric OfShares(string name, IReadOnlyList<double> values) => new(name, values, BootstrapInterval.OfMean(values));

    public static Metric OfSuccesses(string name, IReadOnlyList<bool> values) => new(
        name, [.. values.Select(value => value ? 1.0 : 0)], WilsonInterval.Of(values.Count(value => value), values.Count));

    public JsonObject ToJson() => new() { ["value"] = Mean, ["low"] = Interval.Low, ["high"] = Interval.High };
}
