using System.CommandLine;

namespace Rebound.Cli.Agents;

/// <summary>The options of <c>rebound evaluate</c> beside those of its agent and of the checkpoint.</summary>
internal sealed class EvaluationOptions
{
    /// <summary>The run that <see cref="Guidance"/> adds.</summary>
    public const string Guided = "guided";

    private const float HighestTemperature = 2;

    public readonly Option<double> Temperature = OptionOf.Number("--temperature", "Logits are divided by it; 0 takes the likeliest token", 0.2);

    public readonly Option<long> Seed = OptionOf.Number("--seed", "Seed of the draws; the same gives the same episodes", 0L);

    public readonly Option<int> BatchSize = OptionOf.Number("--batch-size", "Episodes at once, which share one generation batch", 16);

    public readonly Option<string?> Conditions = OptionOf.Text(
        "--conditions", "LIST", "Ask every question under each of these, parted by commas, and compare (positive,negative,none)");

    public readonly Option<double?> Guidance = OptionOf.Number<double?>(
        "--guidance", $"Decode positive and negative condition together, logits = p + N·(p − n); '{Guided}' in --conditions (default that alone)");

    public readonly Option<string?> OutputFolder = OptionOf.Text(
        "--output-dir", "DIR", "The folder for trajectories and results; an evaluation that is there already goes on");

    public readonly Option<string?> Other = OptionOf.Text(
        "--compare-with", "DIR", "Compare with another evaluation on the same questions: the folder of its condition");

    public float ReadTemperature(OptionChecks checks) => (float)checks.InRange(Temperature, 0, HighestTemperature);

    /// <summary>What to ask under: names of conditions or roles, or <see cref="Guided"/>.</summary>
    /// <param name="otherwise">The condition where no list is given.</param>
    public IReadOnlyList<string> ReadConditions(CommandContext context, OptionChecks checks, string otherwise)
    {
        var isGuided = context.Get(Guidance) is not null;
        if (context.Get(Guidance) is { } weight && !(weight >= 0 && double.IsFinite(weight)))
        {
            checks.Add($"{context.Label(Guidance)} is {weight}; it must be at least 0.");
        }

        if (context.Get(Conditions) is not { } list)
        {
            return [isGuided ? Guided : otherwise];
        }

        var names = list.Split(',', StringSplitOptions.TrimEntries);
        if (names.Any(name => name.Length == 0) || names.Distinct().Count() < names.Length)
        {
            checks.Add($"{context.Label(Conditions)} is '{list}'; it must name conditions, each once, parted by commas.");
        }

        if (names.Contains(Guided) != isGuided)
        {
            checks.Add(isGuided
                ? $"{Guidance.Name} is given, and {context.Label(Conditions)} does not have '{Guided}'; add it there."
                : $"{context.Label(Conditions)} has '{Guided}', which needs {Guidance.Name}.");
        }

        return names;
    }
}
