using System.Text.Json;
using System.Text.Json.Serialization;
using Rebound.Agents.Collection;
using Rebound.Agents.Evaluation;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Study.Improvement;

/// <summary>All that a round came to.</summary>
/// <param name="Round">0 for the model that there was before the first.</param>
/// <param name="HeldOut">Its model's answers to the held-out questions.</param>
public sealed record RoundRecord(int Round, HeldOutScores HeldOut)
{
    private static readonly JsonSerializerOptions Format = new(StrictJson.ForSerializer)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>Null for round 0, as the next ones.</summary>
    public CollectedTries? Collected { get; init; }

    public LearnedTrajectories? Learned { get; init; }

    public TrainedModel? Trained { get; init; }

    public PhaseSeconds Seconds { get; init; } = new();

    /// <summary>Tokens that models read and wrote in tries and in the evaluation.</summary>
    [JsonIgnore]
    public long Tokens => HeldOut.InputTokens + HeldOut.OutputTokens + (Collected?.InputTokens ?? 0) + (Collected?.OutputTokens ?? 0);

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, Format);

    internal void Write(string path) => WholeFile.WriteJson(path, StrictJson.Node(ToJson())!);

    /// <exception cref="DataException">The file is no record.</exception>
    internal static RoundRecord Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RoundRecord>(File.ReadAllBytes(path), Format)!;
        }
        catch (JsonException e)
        {
            throw new DataException(path, null, null, $"is no record of a round, {JsonProblem.Of(e)}.", e);
        }
    }
}

/// <summary>The tries of a round.</summary>
/// <param name="Model">The model that made them.</param>
/// <param name="Causes">Failures by cause.</param>
public sealed record CollectedTries(
    string Model, int Tries, int Successes, IReadOnlyDictionary<string, int> Causes, long InputTokens, long OutputTokens)
{
    public static CollectedTries Of(string model, CollectionTotals totals) => new(
        model, totals.Episodes, totals.Successes, totals.Causes.ToDictionary(), totals.InputTokens, totals.OutputTokens);
}

/// <summary>The trajectories that a round's model learned from.</summary>
/// <param name="LeftOut">Tries that say nothing, or the same as others before them.</param>
public sealed record LearnedTrajectories(int Successes, int Failures, int LeftOut);

/// <summary>The training of a round's model.</summary>
/// <param name="Method">As agent cards name it.</param>
/// <param name="From">The model that it started from.</param>
/// <param name="Tokens">Read in all steps.</param>
/// <param name="FirstLoss">Nats per supervised token.</param>
public sealed record TrainedModel(string Method, string From, int Steps, long Tokens, double FirstLoss, double LastLoss);

/// <summary>The answers of a round's model to the held-out questions.</summary>
/// <param name="Right">[questions] 1 where the answer was right.</param>
/// <param name="Interval">Of the accuracy; Wilson's.</param>
/// <param name="Causes">Failures by cause.</param>
public sealed record HeldOutScores(
    double Accuracy, Interval Interval, IReadOnlyList<double> Right, IReadOnlyDictionary<string, int> Causes, long InputTokens,
    long OutputTokens)
{
    public static HeldOutScores Of(ConditionScores scores) => new(
        scores.Metrics[0].Mean, scores.Metrics[0].Interval, scores.Metrics[0].Values, scores.Causes, scores.InputTokens,
        scores.OutputTokens);
}
