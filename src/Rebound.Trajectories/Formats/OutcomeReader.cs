using System.Text.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Reads what a row says of its outcome, whatever its format: <c>reward</c>, <c>f1</c> and <c>cause</c> in <c>info</c> or
/// in the row itself, the row's <c>label</c> as another word for the reward, what else logs call it (<see cref="LoggedOutcome"/>), and
/// <c>gt</c> and <c>pred</c> in <c>info</c>.
/// </summary>
internal static class OutcomeReader
{
    public const string Info = "info";
    public const string Reward = "reward";
    public const string Label = "label";
    public const string F1 = "f1";
    public const string Cause = "cause";
    public const string GroundTruth = "gt";
    public const string Prediction = "pred";

    /// <exception cref="DataException">A field is of the wrong type, or two fields contradict each other.</exception>
    public static Outcome Read(DataRow row)
    {
        var info = DataRow.Optional(row.Element, Info);
        if (info is { } members)
        {
            row.CheckObject(members, Info);
        }

        return new Outcome(
            ReadReward(row, info),
            Agreeing(row, F1, Find(row, info, F1), row.Number),
            info is { } withAnswer && withAnswer.TryGetProperty(GroundTruth, out var truth) ? truth.Clone() : null,
            info is { } withGuess && withGuess.TryGetProperty(Prediction, out var guess) ? guess.Clone() : null,
            ReadCause(row, info));
    }

    private static double? ReadReward(DataRow row, JsonElement? info)
    {
        var told = LoggedOutcome.Of(row.Element).ToArray();
        var reward = RewardOrLabel(row, info, hasOther: told.Length > 0);
        var by = "the reward or label";
        var plain = told.Where(verdict => !verdict.IsMeasure).ToArray();
        foreach (var verdict in reward is null && plain.Length == 0 ? told : plain)
        {
            if (reward is null)
            {
                (reward, by) = (verdict.Value, $"'{verdict.Field}'");
            }
            else if (reward > 0 != verdict.Value > 0)
            {
                throw row.Error(verdict.Field, $"says {Words(verdict.Value)}, and {by} {Words(reward.Value)}.");
            }
        }

        return reward;
    }

    private static double? RewardOrLabel(DataRow row, JsonElement? info, bool hasOther)
    {
        var reward = Agreeing(row, Reward, Find(row, info, Reward), row.Number);
        if (DataRow.Optional(row.Element, Label) is not { } value)
        {
            return reward;
        }

        var label = value.ValueKind == JsonValueKind.String ? OutcomeWords.Read(row.Text(value, Label)) : row.Number(value, Label);
        if (reward is null)
        {
            return label is not null || hasOther ? label : throw row.Error(
                Label,
                $"is '{row.Text(value, Label)}', which is no outcome; use true or false, a number, or a word such as positive, negative, "
                    + "success or failure.");
        }

        // A label that is no outcome is something else, such as the right answer, where a reward tells the outcome.
        return label is null || reward > 0 == label > 0
            ? reward
            : throw row.Error(Label, $"says {Words(label.Value)}, and the reward {Words(reward.Value)}.");
    }

    private static string? ReadCause(DataRow row, JsonElement? info)
    {
        var found = Find(row, info, Cause).ToArray();
        var causes = found.Select(place => row.Text(place.Value, place.Field)).ToArray();
        return causes.Distinct().Count() <= 1
            ? causes.FirstOrDefault()
            : throw row.Error(found[1].Field, $"is '{causes[1]}', and '{found[0].Field}' is '{causes[0]}'.");
    }

    /// <summary>The one value that all places give, or null if there is none.</summary>
    private static double? Agreeing(
        DataRow row, string name, IEnumerable<(string Field, JsonElement Value)> places, Func<JsonElement, string, double> read)
    {
        var values = places.Select(place => (place.Field, Value: read(place.Value, place.Field))).ToArray();
        return values switch
        {
            [] => null,
            [var only] => only.Value,
            [var first, var second, ..] => first.Value == second.Value
                ? first.Value
                : throw row.Error(second.Field, $"is {second.Value}, and the same row's {Info}.{name} is {first.Value}."),
        };
    }

    private static IEnumerable<(string Field, JsonElement Value)> Find(DataRow row, JsonElement? info, string name)
    {
        if (info is { } members && DataRow.Optional(members, name) is { } inside)
        {
            yield return ($"{Info}.{name}", inside);
        }

        if (DataRow.Optional(row.Element, name) is { } outside)
        {
            yield return (name, outside);
        }
    }

    private static string Words(double reward) => reward > 0 ? "success" : "failure";
}
