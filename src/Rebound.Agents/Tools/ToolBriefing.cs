using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Trajectories;

namespace Rebound.Agents.Tools;

/// <summary>What an agent that writes its actions as text is told of its tools: how to call them, and a line for each.</summary>
public static class ToolBriefing
{
    private const string Opening =
        "You can call tools. Each turn of yours is a thought and one action, on a line of its own: Action: tool[argument]. You are then shown what the tool "
        + "answers as an observation. The tools:";

    /// <summary>The briefing of tools, by their schemas in the OpenAI form; <c>finish</c> is told at the end in any case.</summary>
    public static string Of(JsonElement schemas)
    {
        var text = new StringBuilder(Opening);
        foreach (var tool in ToolSchemas.Declare(schemas).Where(tool => tool.Name != ToolSet.Finish).Append(FinishTool.Declaration))
        {
            text.Append($"\n- {tool.Name}[{Argument(tool)}]: {tool.Description.ReplaceLineEndings(" ")}");
        }

        return text.ToString();
    }

    /// <summary>
    /// Turns with the briefing in the system turn that opens them, or in one of its own; as they are where it is there already.
    /// </summary>
    public static IReadOnlyList<Turn> Tell(IReadOnlyList<Turn> turns, JsonElement schemas)
    {
        var briefing = Of(schemas);
        if (turns.Count == 0 || turns[0].Role != Roles.System)
        {
            return [new Turn(Roles.System, briefing, Loss: false), .. turns];
        }

        var system = turns[0];
        return system.Content.Contains(briefing, StringComparison.Ordinal)
            ? turns
            : [system with { Content = $"{system.Content}\n\n{briefing}" }, .. turns.Skip(1)];
    }

    /// <summary>The only argument's name where there is one, and otherwise the JSON object with the names and types of all.</summary>
    private static string Argument(AIFunctionDeclaration tool)
    {
        var properties = ToolArguments.Properties(tool.JsonSchema);
        return properties switch
        {
            [] => "",
            [var only] => only.Name,
            _ => $"{{{string.Join(", ", properties.Select(property => $"\"{property.Name}\": {TypeOf(property.Value)}"))}}}",
        };
    }

    private static string TypeOf(JsonElement property) =>
        property.ValueKind == JsonValueKind.Object && property.TryGetProperty("type", out var type)
            ? type.ValueKind == JsonValueKind.String ? type.GetString()! : type.GetRawText().Replace("\"", "", StringComparison.Ordinal)
            : "any";
}
