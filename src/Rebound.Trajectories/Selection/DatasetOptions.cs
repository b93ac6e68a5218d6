using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Selection;

/// <summary>The files and choices of a training set.</summary>
public sealed record DatasetOptions
{
    /// <summary>Successful trajectories, a file or a folder (<see cref="DataFiles"/>).</summary>
    public string? PositivePath { get; init; }

    /// <summary>Failed trajectories, a file or a folder.</summary>
    public string? NegativePath { get; init; }

    /// <summary>Files and folders of trajectories that carry their own outcome, or none; read as one file.</summary>
    public IReadOnlyList<string> ScoredPaths { get; init; } = [];

    /// <summary>The format of all trajectories; null to tell it from each row.</summary>
    public TrajectoryFormat? Format { get; init; }

    /// <summary>Which of the selected rows are used, by file and trajectory; null for all.</summary>
    public Func<string, Trajectory, bool>? Only { get; init; }

    /// <summary>How many positives, the first ones; null for all.</summary>
    public int? PositiveCount { get; init; }

    /// <summary>How many negatives, sampled as the reference does; null for all, in the file's order.</summary>
    public int? NegativeCount { get; init; }

    /// <summary>Question texts by trajectory id; null where trajectories bring their own questions.</summary>
    public string? QuestionPath { get; init; }

    /// <summary>Prompt file in the reference's form; goes together with <see cref="Template"/>.</summary>
    public string? PromptPath { get; init; }

    /// <summary>Name of a template in the prompt file.</summary>
    public string? Template { get; init; }

    /// <summary>
    /// A built-in prompt's name, the path of a prompt's configuration, or <c>none</c>; null for the prompt file's template,
    /// or the method's default.
    /// </summary>
    public string? Prompt { get; init; }

    /// <summary>Null for what the other options amount to, as in the reference.</summary>
    public TrainingMethod? Method { get; init; }

    /// <summary>Whether the model is told the outcome that it sees; null for what the method does: nat alone tells it.</summary>
    public bool? Conditions { get; init; }

    /// <summary>The prompt and method that an earlier data set resolved to; null to resolve them anew.</summary>
    public PromptSetup? PromptSetup { get; init; }

    /// <summary>Which part of failed trajectories is learned.</summary>
    public NegativeLoss NegativeLoss { get; init; }

    /// <summary>Whether failures may be among the files.</summary>
    public bool HasFailures => NegativePath is not null || ScoredPaths.Count > 0;

    /// <summary>The paths of the trajectories, as messages name them.</summary>
    internal string Files => string.Join(", ", new[] { PositivePath, NegativePath }.OfType<string>().Concat(ScoredPaths));

    /// <summary>Whether rows that cannot be learned from are left out and counted, or end the reading.</summary>
    public bool SkipBadRows { get; init; }

    /// <summary>
    /// Whether documents without anything in the loss are kept, to be looked at. Otherwise their row is a bad one.
    /// </summary>
    public bool KeepUnsupervised { get; init; }
}
