using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Agents.Models.Protocol;

/// <summary>The tokens that a server counted, however it writes numbers.</summary>
internal static class UsageCounts
{
    /// <summary>Null where it counted none.</summary>
    public static JsonObject? Of(JsonElement answer)
    {
        if (answer.Member("usage") is not { ValueKind: JsonValueKind.Object } usage)
        {
            return null;
        }

        var (read, written) = (Count(usage, "prompt_tokens", "input_tokens"), Count(usage, "completion_tokens", "output_tokens"));
        var counts = new JsonObject { ["prompt_tokens"] = read, ["completion_tokens"] = written, ["total_tokens"] = read + written };
        Detail(usage, counts, "prompt_tokens_details", "cached_tokens");
        Detail(usage, counts, "completion_tokens_details", "reasoning_tokens");
        return counts;
    }

    private static long Count(JsonElement usage, string name, string other) =>
        Math.Min(usage.Count(name) ?? usage.Count(other) ?? 0, int.MaxValue / 2);

    private static void Detail(JsonElement usage, JsonObject counts, string group, string name)
    {
        if (usage.Member(group) is { } details && details.Count(name) is { } count)
        {
            counts[group] = new JsonObject { [name] = Math.Min(count, int.MaxValue) };
        }
    }
}
