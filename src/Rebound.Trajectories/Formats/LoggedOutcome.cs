using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>The outcome of a row beside <c>reward</c> and <c>label</c>, under the names that logs have for it.</summary>
/// <param name="Field">Where it stands, for example <c>info.success</c>.</param>
/// <param name="Value">A success above 0, as a reward.</param>
/// <param name="IsMeasure">Whether it is a number on a scale, which says less than a verdict where a row has both.</param>
internal readonly record struct LoggedOutcome(string Field, double Value, bool IsMeasure)
{
    private const string Score = "score";
    private const string Outcome = "outcome";

    /// <summary>Names in lower case, without the marks between their words.</summary>
    private static readonly HashSet<string> Verdicts =
    [
        "success", "successful", "succeeded", "issuccess", "issuccessful", "tasksuccess", "ktotag", "correct",
        "iscorrect", "passed", "pass",
        "resolved", "isresolved", "solved", "issolved", "won",
    ];

    private static readonly HashSet<string> Measures = [Score, Outcome, "success"];

    /// <summary>Members of a row that hold others.</summary>
    private static readonly HashSet<string> Holders =
        [OutcomeReader.Info, "metadata", "meta", "extra", "extra_info", "evaluation", "eval", "result", Outcome,
            Score, "scores", "feedback"];

    /// <summary>All that a row has, in its order.</summary>
    public static IEnumerable<LoggedOutcome> Of(JsonElement row)
    {
        foreach (var member in row.EnumerateObject())
        {
            foreach (var (field, name, value) in Places(member))
            {
                if (Read(field, name, value) is { } verdict)
                {
                    yield return verdict;
                }
            }
        }
    }

    /// <summary>Takes them out of a row's members.</summary>
    public static void Remove(JsonObject members)
    {
        foreach (var (name, value) in members.ToArray())
        {
            if (IsName(name) && value is not (JsonObject or JsonArray))
            {
                members.Remove(name);
            }
            else if (Holders.Contains(name) && value is JsonArray)
            {
                members.Remove(name);
            }
            else if (Holders.Contains(name) && value is JsonObject holder)
            {
                foreach (var inner in holder.Select(member => member.Key).Where(IsName).ToArray())
                {
                    holder.Remove(inner);
                }
            }
        }
    }

    private static IEnumerable<(string Field, string Name, JsonElement Value)> Places(JsonProperty member)
    {
        if (!Holders.Contains(member.Name) || member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return [(member.Name, member.Name, member.Value)];
        }

        return member.Value.ValueKind == JsonValueKind.Object
            ? member.Value.EnumerateObject().Select(inner => ($"{member.Name}.{inner.Name}", inner.Name, inner.Value))
            : NamedScores(member);
    }

    /// <summary>A list of scores, each an object with its name and value.</summary>
    private static IEnumerable<(string Field, string Name, JsonElement Value)> NamedScores(JsonProperty member)
    {
        foreach (var (i, score) in member.Value.EnumerateArray().Index())
        {
            if (score.ValueKind == JsonValueKind.Object
                && DataRow.Optional(score, "name") is { ValueKind: JsonValueKind.String } name
                && DataRow.Optional(score, "value") is { } value)
            {
                yield return ($"{member.Name}[{i}].value", name.GetString()!, value);
            }
        }
    }

    private static LoggedOutcome? Read(string field, string name, JsonElement value)
    {
        if (!IsName(name) || OutcomeWords.Read(value) is not { } outcome)
        {
            return null;
        }

        // Under most names a number that is neither 0 nor 1 counts something else, such as the tests that passed.
        var plain = Plain(name);
        var isNumber = value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) && (outcome is not (0 or 1) || plain == Score);
        return isNumber && !Measures.Contains(plain) ? null : new LoggedOutcome(field, outcome, isNumber);
    }

    private static bool IsName(string name) => Plain(name) is var plain && (Verdicts.Contains(plain) || Measures.Contains(plain));

    private static string Plain(string name) => name.Replace("_", "").Replace("-", "").Replace(" ", "").ToLowerInvariant();
}
