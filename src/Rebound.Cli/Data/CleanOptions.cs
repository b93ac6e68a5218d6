using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Cleaning.Redaction;
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

    public readonly Option<bool> Redact = new("--redact")
    {
        Description = "Replace personal data and secrets by marks such as [EMAIL_1]",
    };
    public readonly Option<string[]> RedactKinds = new("--redact-kinds")
    {
        Description = $"Replace only these kinds: {string.Join(", ", KnownPersonalData.All.Select(kind => kind.Name))} (default: all)",
        HelpName = "KIND...",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };
    public readonly Option<string[]> RedactPatterns = new("--redact-pattern")
    {
        Description = "Replace what a regular expression finds, too, or its group 'value'; may be given several times",
        HelpName = "NAME=REGEX",
        DefaultValueFactory = _ => [],
    };

    /// <summary>As help shows them.</summary>
    public IReadOnlyList<OptionGroup> Groups =>
    [
        new OptionGroup("Files", [Output, Dropped, .. Input.Options, SharedOptions.Json]),
        new OptionGroup(
            "What is left out", Duplicates, KeepEmpty, DropUnfinished, FinishTool, DropCause, MinTurns, MaxTurns, MaxTokens, Tokenizer),
        new OptionGroup("Personal data", Redact, RedactKinds, RedactPatterns),
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

    /// <summary>The replacement of personal data; null to keep it.</summary>
    /// <exception cref="InputException">A kind or a pattern is none; the message has a line for each.</exception>
    public Redactor? ReadRedactor(CommandContext context)
    {
        var (names, patterns) = (context.Require(RedactKinds), context.Require(RedactPatterns));
        if (!context.Get(Redact) && names.Length == 0 && patterns.Length == 0)
        {
            return null;
        }

        var checks = new OptionChecks(context);
        foreach (var name in names.Where(name => KnownPersonalData.All.All(kind => kind.Name != name)))
        {
            checks.Add($"{context.Label(RedactKinds)} is '{name}'; it must be one of "
                + $"{string.Join(", ", KnownPersonalData.All.Select(kind => kind.Name))}.");
        }

        var own = patterns.Select(pattern => OwnKind(pattern, context, checks)).OfType<PersonalData>().ToList();
        foreach (var name in own.Concat(KnownPersonalData.All).GroupBy(kind => kind.Name).Where(same => same.Count() > 1))
        {
            checks.Add($"{context.Label(RedactPatterns)} names '{name.Key}', which is a kind already; give each a name of its own.");
        }

        checks.ThrowIfAny();
        var isAll = names.Length == 0 && (context.Get(Redact) || own.Count == 0);
        return new Redactor([.. own, .. KnownPersonalData.All.Where(kind => isAll || names.Contains(kind.Name))]);
    }

    private PersonalData? OwnKind(string option, CommandContext context, OptionChecks checks)
    {
        var split = option.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0)
        {
            checks.Add($"{context.Label(RedactPatterns)} is '{option}'; it must be NAME=REGEX, "
                + "for example customer=C-[0-9]{6}.");
            return null;
        }

        try
        {
            return PersonalData.OfPattern(option[..split], option[(split + 1)..]);
        }
        catch (FormatException e)
        {
            checks.Add($"{context.Label(RedactPatterns)} is '{option}': {e.Message}");
            return null;
        }
    }
}
