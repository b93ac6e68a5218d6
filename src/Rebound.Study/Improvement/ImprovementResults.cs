using System.Text.Json.Nodes;
using Rebound.Agents.Tasks;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Study.Reporting;

namespace Rebound.Study.Improvement;

/// <summary>All rounds of an improvement so far.</summary>
/// <param name="Rounds">The evaluation of the model that there was before first.</param>
/// <param name="HeldOut">The questions of evaluations.</param>
/// <param name="Stopped">Why there are fewer rounds than were asked for; null where there are not.</param>
public sealed record ImprovementResults(
    IReadOnlyList<RoundRecord> Rounds, IReadOnlyList<TaskQuestion> HeldOut, string? Stopped)
{
    /// <summary>Each round's model beside the one before.</summary>
    public IReadOnlyList<RoundChange> Changes { get; } =
        [.. Rounds.Zip(Rounds.Skip(1), (before, after) => RoundChange.Between(after, before))];

    /// <summary>The last round's model beside the one to begin with.</summary>
    public RoundChange Change { get; } = RoundChange.Between(Rounds[^1], Rounds[0]);

    public double Seconds => Rounds.Sum(round => round.Seconds.All);

    /// <summary>Tokens that models read and wrote.</summary>
    public long Tokens => Rounds.Sum(round => round.Tokens);

    public JsonObject ToJson() => new()
    {
        ["rounds"] = new JsonArray([.. Rounds.Select(round => StrictJson.Node(round.ToJson()))]),
        ["changes"] = new JsonArray([.. Changes.Select(change => Json(change))]),
        ["change"] = Json(Change),
        ["stopped"] = Stopped,
        ["seconds"] = Math.Round(Seconds, 1),
        ["tokens"] = Tokens,
    };

    internal void Write(string jsonPath, string csvPath)
    {
        WholeFile.WriteJson(jsonPath, ToJson());
        Table().Write(csvPath);
    }

    /// <summary>A row for every round.</summary>
    private CsvTable Table()
    {
        var table = new CsvTable(
            "round", "collected_by", "tries", "successes", "learned_successes", "learned_failures", "method", "trained_from", "steps",
            "accuracy", "low", "high", "difference", "difference_low", "difference_high", "learned_questions", "lost_questions",
            "collect_seconds", "train_seconds", "evaluate_seconds", "collect_tokens", "train_tokens", "evaluate_tokens");
        foreach (var (index, round) in Rounds.Index())
        {
            var change = index == 0 ? null : Changes[index - 1];
            var (collected, learned, trained, heldOut) = (round.Collected, round.Learned, round.Trained, round.HeldOut);
            table.Add(
                round.Round, collected?.Model, collected?.Tries, collected?.Successes, learned?.Successes, learned?.Failures,
                trained?.Method, trained?.From, trained?.Steps, heldOut.Accuracy, heldOut.Interval.Low, heldOut.Interval.High,
                change?.Difference, change?.Interval.Low, change?.Interval.High, change?.Gained.Count, change?.Lost.Count,
                round.Seconds.Collect, round.Seconds.Train, round.Seconds.Evaluate, collected?.InputTokens + collected?.OutputTokens,
                trained?.Tokens, heldOut.InputTokens + heldOut.OutputTokens);
        }

        return table;
    }

    private JsonObject Json(RoundChange change) => new()
    {
        ["round"] = change.Round,
        ["beside"] = change.Before,
        ["difference"] = change.Difference,
        ["low"] = change.Interval.Low,
        ["high"] = change.Interval.High,
        ["learned"] = Ids(change.Gained),
        ["lost"] = Ids(change.Lost),
    };

    private JsonArray Ids(IEnumerable<int> questions) => [.. questions.Select(question => HeldOut[question].Id.DeepClone())];
}
