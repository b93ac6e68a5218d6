using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// Recognizes the pre-tokenizer of a tokenizer.json among those that GGUF names (<see cref="GgufSplits"/>). Two are the same where they
/// do the same steps with the same settings; settings that change no token (<c>trim_offsets</c>) do not count.
/// </summary>
internal static class GgufSplitNames
{
    /// <summary>The steps of a pre-tokenizer or normalizer, a sequence taken apart.</summary>
    public static string Steps(JsonNode? node) => string.Join("; ", Flatten(node).Select(Describe));

    private static IEnumerable<JsonObject> Flatten(JsonNode? node)
    {
        if (node is not JsonObject step)
        {
            return [];
        }

        var inner = step["pretokenizers"] ?? step["normalizers"];
        return inner is JsonArray steps ? steps.SelectMany(Flatten) : [step];
    }

    private static string Describe(JsonObject step)
    {
        // Absent keys have the defaults of the tokenizers library.
        var settings = step["type"]?.GetValue<string>() switch
        {
            "ByteLevel" => $"{Flag(step, "add_prefix_space", true)} {Flag(step, "use_regex", true)}",
            "Digits" => $"{Flag(step, "individual_digits", false)}",
            "Split" => $"{step["pattern"]?.ToJsonString()} {step["behavior"]} {Flag(step, "invert", false)}",
            _ => step.ToJsonString(),
        };
        return $"{step["type"]} {settings}";
    }

    private static bool Flag(JsonObject step, string key, bool absent) => step[key]?.GetValue<bool>() ?? absent;
}
