namespace Rebound.Study.Watching;

/// <summary>The values of a metric at the steps that have it.</summary>
/// <param name="Name">As the metrics' file has it, for example <c>loss</c>.</param>
/// <param name="Steps">Ascending.</param>
public sealed record MetricCurve(string Name, IReadOnlyList<int> Steps, IReadOnlyList<float> Values);
