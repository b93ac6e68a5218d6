using System.Globalization;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Yaml;
using Rebound.Study.Results;
using Rebound.Training.Checkpoints;
using Rebound.Trajectories;

namespace Rebound.Study.Reading;

/// <summary>The folder of a run of training, done or not.</summary>
/// <param name="Location">Full path.</param>
/// <param name="Card">Null before the model is there.</param>
/// <param name="Seed">Null where nothing tells it.</param>
internal sealed record TrainedFolder(
    string Location, string Name, AgentCard? Card, long? Seed, IReadOnlyList<double> Losses, TrainingCosts Costs)
{
    public static bool Is(string folder) => File.Exists(new RunFolder(folder).MetricsPath);

    /// <summary>Whether it is a checkpoint of a run, by its name.</summary>
    public static bool IsCheckpoint(string folder) => CheckpointStore.StepOf(folder) is not null;

    public static TrainedFolder Read(string folder, string name)
    {
        JsonNode[] steps = [.. File.ReadLines(new RunFolder(folder).MetricsPath).Select(line => StrictJson.ParseNode(line)!)];
        return new TrainedFolder(
            folder, name, AgentCard.Find(folder), SeedOf(folder), [.. steps.Select(step => (double)step["loss"]!)],
            new TrainingCosts(steps.Sum(step => (double)step["seconds"]!), steps.Length, steps.Sum(step => (long)step["tokens"]!)));
    }

    /// <summary>The kind of run, where the card tells it.</summary>
    public Arm? Arm => Card is { Method: { } method } card
        ? new Arm(method) { Successes = Count(card, Outcome.Positive), Failures = Count(card, Outcome.Negative) }
        : null;

    private static int Count(AgentCard card, string outcome) =>
        card.TrainedOn.Where(count => count.Outcome == outcome).Sum(count => count.Trajectories);

    /// <summary>As its options say, or the end of its folder's name.</summary>
    private static long? SeedOf(string folder)
    {
        var options = new RunFolder(folder).OptionsPath;
        if (File.Exists(options) && YamlFile.Read(options) is JsonObject set && set["seed"] is JsonValue given
            && given.TryGetValue(out long seed))
        {
            return seed;
        }

        var name = Path.GetFileName(folder);
        var place = name.LastIndexOf("seed", StringComparison.Ordinal);
        return place >= 0 && long.TryParse(name.AsSpan(place + 4), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}
