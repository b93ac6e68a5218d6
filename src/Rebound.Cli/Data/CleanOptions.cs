using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Statistics;

namespace Rebound.Cli.Data;

/// <summary>The options of <c>rebound data clean</c>: the files, and what is left out.</summary>
internal sealed class CleanOptions
{
    private static readonly CleaningOptions Defaults = new();

    public readonly TrajectoryInput Input = new();

    public readonly Option<string?> Output = OptionOf.Text(
        "--output", "FILE",
        "Where to write what is kept: a JSON list if the name ends with .json, JSON lines otherwise (default: only count)");
    public readonly Option<string?> Dropped = OptionOf.Text(
        "--dropped", "FILE", "Where to write what is left out, each row with 'dropped', the reason");

    public readonly Option<string> Duplicates = OptionOf.OneOf(
        "--duplicates", "Leave out what says the same as a trajectory before it; normalized: but for case and white space",
        "exact", "normalized", "keep");
    public readonly Option<bool> KeepEmpty = new("--keep-empty")
    {
        Description = "Keep episodes in which the assistant says nothing",
    };
    public readonly Option<bool> DropUnfinished = new("--drop-unfinished")
    {
        Description = "Leave out episodes that end without an answer",
    };
    public readonly Option<string> FinishTool = new("--finish-tool")
    {
        Description = "The tool that gives the answer, by which an episode is finished",
        HelpName = "NAME",
        DefaultValueFactory = _ => Defaults.FinishTool,
    };
    public readonly Option<string[]> DropCause = new("--drop-cause")
    {
        Description = "Leave out failures of these causes, for example timeout",
        HelpName = "CAUSE...",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };
    public readonly Option<int?> MinTurns = OptionOf.Number<int?>("--min-turns", "Leave out shorter trajectories");
    public readonly Option<int?> MaxTurns = OptionOf.Number<int?>("--max-turns", "Leave out longer trajectories");
    public readonly Option<int?> MaxTokens = OptionOf.Number<int?>(
        "--max-tokens", "Leave out trajectories of more tokens; needs --tokenizer");
    public readonly Option<string?> Tokenizer = TokenizerOption.Create();

    /// <summary>As help shows them.</summary>
    public IReadOnlyList<OptionGroup> Groups =>
    [
        new OptionGroup("Files", [Output, Dropped, .. Input.Options, SharedOptions.Json]),
        new OptionGroup(
            "What is left out", Duplicates, KeepEmpty, DropUnfinished, FinishTool, DropCause, MinTurns, MaxTurns, MaxTokens, Tokenizer),
    ];

    /// <exception cref="InputException">Options are wrong; the message has a line for each.</exception>
    public CleaningOptions Read(CommandContext context)
    {
        var checks = new OptionChecks(context);
        var (min, max) = (checks.AtLeast(MinTurns, 1), checks.AtLeast(MaxTurns, 1));
        if (min > max)
        {
            checks.Add($"{MinTurns.Name} is {min} and {MaxTurns.Name} {max}: no trajectory would be kept.");
        }

        var maxTokens = checks.AtLeast(MaxTokens, 1);
        if (maxTokens is not null && context.Get(Tokenizer) is null)
        {
            checks.Add($"{MaxTokens.Name} needs {Tokenizer.Name}: tokens are those of a tokenizer.");
        }

        checks.ThrowIfAny();
        var tokenizer = maxTokens is null ? null : TokenizerOption.Open(context, Tokenizer);
        return new CleaningOptions
        {
            DropEmpty = !context.Get(KeepEmpty),
            Duplicates = context.Require(Duplicates) switch
            {
                "normalized" => DuplicateRule.Normalized,
                "keep" => DuplicateRule.Keep,
                _ => DuplicateRule.Exact,
            },
            Causes = context.Require(DropCause),
            DropUnfinished = context.Get(DropUnfinished),
            FinishTool = context.Require(FinishTool),
            MinTurns = min,
            MaxTurns = max,
            MaxTokens = maxTokens,
            CountTokens = tokenizer is null ? null : trajectory => TextTokens.Of(trajectory, tokenizer).All,
        };
    }
}
