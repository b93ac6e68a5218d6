using System.CommandLine;
using Rebound.Agents.Runs;
using Rebound.Cli.Models;
using Rebound.Cli.Options;

namespace Rebound.Cli.Evaluate;

/// <summary>The options of <c>rebound evaluate</c> beside those of its agent and of the checkpoint.</summary>
internal sealed class EvaluateOptions
{
    private const string Guided = EvaluationOptions.Guided;

    public readonly Option<double> Temperature = OptionOf.Number(
        "--temperature", "Logits are divided by it; 0 takes the likeliest token", 0.2);

    public readonly Option<long> Seed = OptionOf.Number("--seed", "Seed of the draws; the same gives the same episodes", 0L);

    public readonly Option<int> BatchSize = OptionOf.Number(
        "--batch-size", "Episodes at once on a device, which share one generation batch", 16);

    public readonly PartOptions Parts = PartOptions.OfCopies();

    public readonly Option<string?> Conditions = OptionOf.Text(
        "--conditions", "LIST", "Ask every question under each of these, parted by commas, and compare (positive,negative,none)");

    public readonly Option<double?> Guidance = OptionOf.Number<double?>(
        "--guidance",
        $"Decode positive and negative condition together, logits = p + N·(p − n); '{Guided}' in --conditions (default that alone)");

    public readonly Option<string?> OutputFolder = OptionOf.Text(
        "--output-dir", "DIR", "The folder for trajectories and results; an evaluation that is there already goes on");

    public readonly Option<string?> Other = OptionOf.Text(
        "--compare-with", "DIR", "Compare with another evaluation on the same questions: the folder of its condition");

    /// <summary>The options' names here, by their names in the library.</summary>
    public OptionNames Names => new OptionNames()
        .Add(nameof(EvaluationOptions.Temperature), Temperature)
        .Add(nameof(EvaluationOptions.Guidance), Guidance)
        .Add(nameof(EvaluationOptions.Concurrency), BatchSize);

    /// <summary>Reads the library's options, except for the seed.</summary>
    /// <param name="otherwise">The condition where no list is given.</param>
    public EvaluationOptions Read(CommandContext context, OptionChecks checks, string otherwise)
    {
        var isGuided = context.Get(Guidance) is not null;
        var list = context.Get(Conditions);
        var read = new EvaluationOptions
        {
            OutputFolder = context.Get(OutputFolder)!,
            Conditions = list is null ? [isGuided ? Guided : otherwise] : list.Split(',', StringSplitOptions.TrimEntries),
            Guidance = context.Get(Guidance),
            Temperature = (float)context.Require(Temperature),
            Concurrency = context.Require(BatchSize),
            CompareWith = context.Get(Other),
        };
        if (list is not null)
        {
            CheckList(list, read.Conditions, isGuided, context, checks);
        }

        // What is wrong with the list was said in its own words.
        checks.Add(read.Validate().Where(problem => problem.Option != nameof(read.Conditions)), Names);
        checks.WritableFolder(OutputFolder, read.OutputFolder);
        return read;
    }

    private void CheckList(string list, IReadOnlyList<string> names, bool isGuided, CommandContext context, OptionChecks checks)
    {
        if (names.Any(name => name.Length == 0) || names.Distinct().Count() < names.Count)
        {
            checks.Add($"{context.Label(Conditions)} is '{list}'; it must name conditions, each once, parted by commas.");
        }

        if (names.Contains(Guided) != isGuided)
        {
            checks.Add(isGuided
                ? $"{Guidance.Name} is given, and {context.Label(Conditions)} does not have '{Guided}'; add it there."
                : $"{context.Label(Conditions)} has '{Guided}', which needs {Guidance.Name}.");
        }
    }
}
