using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Files;

/// <summary>A file that describes the run a folder belongs to, so that two runs are never mixed in one folder.</summary>
public static class RunDescription
{
    /// <summary>Writes the description, or sees that it is the one that is there.</summary>
    /// <exception cref="DataException">Another one is there.</exception>
    public static void Keep(string file, JsonObject description)
    {
        if (!File.Exists(file))
        {
            WholeFile.WriteJson(file, description);
        }
        else if (Read(file) is var before && !JsonNode.DeepEquals(before, description))
        {
            var different = description.Select(member => member.Key).Union((before as JsonObject ?? []).Select(member => member.Key))
                .First(key => !JsonNode.DeepEquals((before as JsonObject)?[key], description[key]));
            throw new DataException(
                file, null, different,
                $"is {(before as JsonObject)?[different]?.ToJsonString() ?? "absent"}, and "
                    + $"{description[different]?.ToJsonString() ?? "absent"} "
                + "was asked for; go on with the same options, or choose another folder.");
        }
    }

    /// <summary>Checks that an existing description contains these members.</summary>
    /// <exception cref="DataException">It says otherwise, or nothing.</exception>
    public static void Require(string file, JsonObject description)
    {
        var own = Read(file) as JsonObject ?? [];
        foreach (var (key, value) in description.Where(member => !JsonNode.DeepEquals(own[member.Key], member.Value)))
        {
            throw new DataException(
                file, null, key, $"is {own[key]?.ToJsonString() ?? "absent"}, and must be {value?.ToJsonString() ?? "absent"}.");
        }
    }

    private static JsonNode? Read(string file)
    {
        try
        {
            return StrictJson.ParseNode(File.ReadAllBytes(file));
        }
        catch (JsonException e)
        {
            throw new DataException(file, null, null, $"is not valid JSON, {JsonProblem.Of(e)}.", e);
        }
    }
}
