using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Traces;
using Rebound.Traces.Otlp;

namespace Rebound.Cli.Data.Import;

/// <summary>The options of <c>rebound data import traces</c>.</summary>
internal sealed class TracesOptions
{
    public readonly Argument<string[]> Files = new("file")
    {
        HelpName = "FILE",
        Description = "Exported traces, or folders of such files",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public readonly Option<string?> Output = OptionOf.Text(
        "--output", "FILE", "Where to write: a JSON list if the name ends with .json, JSON lines otherwise (default standard output)");

    private readonly Option<string?> _outcome = OptionOf.Text(
        "--outcome", "ATTRIBUTE", "Take the outcome from an attribute of the run's spans, its events or its resource");
    private readonly Option<string?> _evaluation = OptionOf.Text(
        "--evaluation", "NAME", "Take the outcome from the evaluations of this name (default: from all, which have to agree)");
    private readonly Option<double?> _atLeast = OptionOf.Number<double?>(
        "--at-least", "The least score of a success (default: a score is 0 or 1)");

    /// <summary>As help shows them.</summary>
    public IReadOnlyList<OptionGroup> Groups =>
    [
        new OptionGroup("Files", Output, SharedOptions.Json),
        new OptionGroup("Outcome", _outcome, _evaluation, _atLeast),
    ];

    /// <exception cref="InputException">A file is absent, or options exclude each other.</exception>
    public (IReadOnlyList<string> Files, TraceImportOptions Options) Read(CommandContext context)
    {
        var checks = new OptionChecks(context);
        var files = context.Get(Files) ?? [];
        foreach (var problem in files.Where(file => !Directory.Exists(file)).Select(PathChecks.ProblemOfInput).OfType<string>())
        {
            checks.Add(problem);
        }

        if (context.Get(_outcome) is not null && context.Get(_evaluation) is not null)
        {
            checks.Add($"{_outcome.Name} and {_evaluation.Name} both say where the outcome is told; give one of them.");
        }

        checks.ThrowIfAny();
        return ([.. files.SelectMany(TraceFiles.Of)], new TraceImportOptions
        {
            OutcomeAttribute = context.Get(_outcome),
            Evaluation = context.Get(_evaluation),
            AtLeast = context.Get(_atLeast),
        });
    }
}
