using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>Sees to it that a row's members tell its outcome.</summary>
internal static class OutcomeWriter
{
    private static readonly string[] ToldInTheRow = [OutcomeReader.Reward, OutcomeReader.Label, OutcomeReader.F1, OutcomeReader.Cause];

    /// <summary>Leaves the members as they are where they tell this outcome already; puts it into <c>info</c> otherwise.</summary>
    public static void Write(Outcome outcome, JsonObject members)
    {
        if (Tells(members, outcome))
        {
            return;
        }

        foreach (var name in ToldInTheRow)
        {
            members.Remove(name);
        }

        LoggedOutcome.Remove(members);
        if (members[OutcomeReader.Info] is not JsonObject info)
        {
            members[OutcomeReader.Info] = info = [];
        }

        Set(info, OutcomeReader.Reward, outcome.Reward switch
        {
            null => null,
            0 => false,
            1 => true,
            { } reward => reward,
        });
        Set(info, OutcomeReader.F1, outcome.F1);
        Set(info, OutcomeReader.Cause, outcome.Cause);
        Set(info, OutcomeReader.GroundTruth, outcome.GroundTruth is { } truth ? StrictJson.Node(truth) : null);
        Set(info, OutcomeReader.Prediction, outcome.Prediction is { } guess ? StrictJson.Node(guess) : null);
    }

    private static bool Tells(JsonObject members, Outcome outcome)
    {
        try
        {
            var told = OutcomeReader.Read(new DataRow("", 1, StrictJson.Element(members)));
            return (told.Reward, told.F1, told.Cause) == (outcome.Reward, outcome.F1, outcome.Cause)
                && Same(told.GroundTruth, outcome.GroundTruth)
                && Same(told.Prediction, outcome.Prediction);
        }
        catch (DataException)
        {
            return false;
        }
    }

    private static bool Same(JsonElement? a, JsonElement? b) =>
        a is { } one && b is { } other ? JsonElement.DeepEquals(one, other) : a is null && b is null;

    private static void Set(JsonObject info, string name, JsonNode? value)
    {
        if (value is null)
        {
            info.Remove(name);
        }
        else
        {
            info[name] = value;
        }
    }
}
