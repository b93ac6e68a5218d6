using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Files.Json;
using Rebound.Files.Rows;
using Rebound.Study.Results;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Study.Reading;

/// <summary>The folder of an evaluation's condition, or of a collection.</summary>
/// <param name="Location">Full path.</param>
/// <param name="Model">As its description names it; empty for none.</param>
/// <param name="Condition">Under which questions were asked; empty where that is not told.</param>
/// <param name="Tasks">One for every temperature.</param>
internal sealed record EpisodeFolder(string Location, string Name, string Model, string Condition, IReadOnlyList<TaskScores> Tasks)
{
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, CollectionFolder.EpisodesName))
        && File.Exists(Path.Combine(folder, CollectionFolder.DescriptionName));

    /// <exception cref="DataException">A file is damaged.</exception>
    public static async Task<EpisodeFolder> ReadAsync(string folder, string name, CancellationToken cancellation)
    {
        var description = Description(Path.Combine(folder, CollectionFolder.DescriptionName));

        // The last row of a try counts: one that had no answer from the model was made again.
        var rows = new OrderedDictionary<(string Id, string? Source, int Sample), Trajectory>();
        await foreach (var row in TrajectoryFile.ReadAsync(Path.Combine(folder, CollectionFolder.EpisodesName), cancellation: cancellation))
        {
            rows[(row.Id, row.Source, row.Members.TryGetValue("sample", out var sample) ? sample.GetInt32() : 0)] = row;
        }

        var task = TextOf(description, "task") is { Length: > 0 } told ? told : "questions";
        var temperatures = rows.Values.GroupBy(row => row.Source ?? "", StringComparer.Ordinal).ToArray();
        return new EpisodeFolder(
            folder, name, TextOf(description, "model"), TextOf(description, "condition"),
            [
                .. temperatures.Select(tries => Scores(
                    temperatures.Length == 1 ? task : $"{task} at temperature {tries.Key}", tries.Key, [.. tries])),
            ]);
    }

    private static TaskScores Scores(string task, string temperature, Trajectory[] rows)
    {
        var questions = rows.GroupBy(row => row.Id, StringComparer.Ordinal).OrderBy(tries => tries.Key, NumberedNames.Order)
            .Select(tries => tries.ToArray()).ToArray();
        var metrics = new Dictionary<string, IReadOnlyList<double>>
        {
            [TaskScores.Accuracy] = [.. questions.Select(tries => tries.Average(Right))],
        };
        foreach (var metric in ((string[])["em", "f1"]).Where(metric => rows.Any(row => Info(row, metric) is not null)))
        {
            metrics[metric] = [.. questions.Select(tries => tries.Average(row => Info(row, metric) ?? 0))];
        }

        return new TaskScores(task, [.. questions.Select(tries => tries[0].Id)], metrics)
        {
            Causes = rows.Where(row => row.Outcome.Cause is not null).CountBy(row => row.Outcome.Cause!).ToDictionary(),
            InputTokens = rows.Sum(row => Usage(row, "input_tokens")),
            OutputTokens = rows.Sum(row => Usage(row, "output_tokens")),
            Tries = questions.Max(tries => tries.Length) == 1 || !float.TryParse(temperature, out var at)
                ? []
                : [.. questions.Select(tries => new TriedQuestion(tries[0].Id, at, [.. tries.Select(Right)], Scores: null))],
        };
    }

    private static double Right(Trajectory row) => row.Outcome is { Success: true, Cause: null } ? 1 : 0;

    private static double? Info(Trajectory row, string metric) =>
        row.Members.TryGetValue("info", out var info) && info.ValueKind == JsonValueKind.Object
            && info.TryGetProperty(metric, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.True => 1,
                JsonValueKind.False => 0,
                JsonValueKind.Number => value.GetDouble(),
                _ => null,
            }
            : null;

    private static long Usage(Trajectory row, string tokens) =>
        row.Members.TryGetValue("usage", out var usage) && usage.ValueKind == JsonValueKind.Object
            && usage.TryGetProperty(tokens, out var count) && count.TryGetInt64(out var number) ? number : 0;

    private static JsonObject Description(string path)
    {
        try
        {
            return StrictJson.ParseNode(File.ReadAllBytes(path)) as JsonObject ?? throw new JsonException("a JSON object is needed");
        }
        catch (JsonException e)
        {
            throw new DataException(path, null, null, $"is not valid JSON, {JsonProblem.Of(e)}.", e);
        }
    }

    private static string TextOf(JsonObject description, string key) =>
        description[key] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
