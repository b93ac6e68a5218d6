namespace Rebound.Study.Results;

/// <summary>A run's scores on the questions of a task.</summary>
/// <param name="Task">The task's name, and where several sets of questions have it, which.</param>
/// <param name="Questions">[questions] ids.</param>
/// <param name="Metrics">By name (<c>accuracy</c>, <c>em</c>, <c>f1</c>), [questions] from 0 to 1.</param>
public sealed record TaskScores(
    string Task, IReadOnlyList<string> Questions, IReadOnlyDictionary<string, IReadOnlyList<double>> Metrics)
{
    /// <summary>The metric that every task has.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>Whether nothing like its questions was learned from.</summary>
    public bool IsOutOfDistribution { get; init; }

    /// <summary>Failures by cause.</summary>
    public IReadOnlyDictionary<string, int> Causes { get; init; } = new Dictionary<string, int>();

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public double Seconds { get; init; }

    /// <summary>Several tries at each of some questions; empty where there was one.</summary>
    public IReadOnlyList<TriedQuestion> Tries { get; init; } = [];
}
