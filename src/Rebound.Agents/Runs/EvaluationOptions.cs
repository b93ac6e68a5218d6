using Rebound.Files.Messages;

namespace Rebound.Agents.Runs;

/// <summary>The conditions and sampling of an evaluation, and where its results are kept.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The name among <see cref="Conditions"/> of the run that <see cref="Guidance"/> adds.</summary>
    public const string Guided = "guided";

    /// <summary>The folder for trajectories and results; an evaluation that exists is resumed.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>The conditions of every question: names of conditions or outcomes, or <see cref="Guided"/>.</summary>
    public IReadOnlyList<string> Conditions { get; init; } = ["positive"];

    /// <summary>Decodes positive and negative condition together, logits = p + w·(p − n); null for no guidance.</summary>
    public double? Guidance { get; init; }

    /// <summary>Logits are divided by it; 0 takes the likeliest token.</summary>
    public float Temperature { get; init; } = 0.2f;

    /// <summary>Seed of the draws; null to leave them to the model.</summary>
    public long? Seed { get; init; }

    /// <summary>Episodes at once on each device (<see cref="Trajectories.Chat.AgentModel.Places"/>).</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>The folder of a condition of another evaluation on the same questions, to compare with; null for none.</summary>
    public string? CompareWith { get; init; }

    /// <summary>All that is wrong with the options; empty where they can be used.</summary>
    public IReadOnlyList<OptionProblem> Validate() => new OptionLimits()
        .Within(nameof(Temperature), Temperature, 0, CollectionOptions.HighestTemperature)
        .AtLeast(nameof(Guidance), Guidance, 0)
        .Require(
            Conditions.Count > 0 && Conditions.All(name => name.Length > 0) && Conditions.Distinct().Count() == Conditions.Count,
            nameof(Conditions), string.Join(",", Conditions), "names of conditions, each once")
        .Require(
            Conditions.Contains(Guided) == Guidance is not null, nameof(Conditions), string.Join(",", Conditions),
            $"with '{Guided}' where {nameof(Guidance)} is given, and nowhere else")
        .AtLeast(nameof(Concurrency), Concurrency, 1)
        .Problems;
}
