using System.Text.Json.Nodes;
using Rebound.Jinja;
using Rebound.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>Tells chat templates whether the model is to reason before it answers, by the variables that they know for that.</summary>
public static class ReasoningSwitch
{
    /// <summary>Qwen3's and most others', and that of Granite and DeepSeek-V3.1.</summary>
    private static readonly string[] Variables = ["enable_thinking", "thinking"];

    /// <param name="reasoning">Null leaves it to the template.</param>
    /// <returns>Variables to render with; null for none.</returns>
    /// <exception cref="ArgumentException">The template cannot be told.</exception>
    public static JsonObject? For(ChatTemplate template, bool? reasoning)
    {
        if (reasoning is not { } value)
        {
            return null;
        }

        var known = Array.FindAll(Variables, template.Reads);
        return known.Length > 0
            ? new JsonObject(known.Select(name => KeyValuePair.Create(name, (JsonNode?)value)))
            : throw Unknown(value, $"the model's chat template reads neither {string.Join(" nor ", Variables)}");
    }

    /// <summary>Whether a template can be told.</summary>
    internal static bool CanTell(ChatTemplate template) => Array.Exists(Variables, template.Reads);

    internal static ArgumentException Unknown(bool reasoning, string why) => new(
        $"Reasoning cannot be turned {ReasoningModes.Name(reasoning)}: {why}. {ReasoningModes.Auto} leaves it to the model.");
}
