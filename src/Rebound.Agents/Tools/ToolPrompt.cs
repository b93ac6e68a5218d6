using System.Text.Json;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;

namespace Rebound.Agents.Tools;

/// <summary>Describes tools in the prompt, for a model that writes its actions as text.</summary>
public static class ToolPrompt
{
    private const string Heading = "Beside what is said elsewhere, these tools can be called, each by a line of its own: Action: "
        + "name[argument]. What comes of it is then shown to you as an observation, and Action: finish[answer] ends the work.";

    /// <summary>
    /// A prompt with its tools: in its place for them where it has one, else the tools of servers that it does not speak of in its system
    /// text. Of other tools a prompt says as much as it did in training.
    /// </summary>
    /// <param name="prompt">Null where questions are put as they stand.</param>
    /// <param name="tools">Null for a model that just answers.</param>
    /// <returns>Null where questions are put as they stand.</returns>
    public static PromptTemplate? Describe(PromptTemplate? prompt, ToolSet? tools)
    {
        if (Untold(prompt, tools) is not { } schemas)
        {
            return Fill(prompt, tools);
        }

        var text = Text(schemas);
        return prompt?.WithSystem(text) ?? PromptTemplate.OfSystem(text);
    }

    /// <summary>A prompt with its tools in its place for them, where it has one.</summary>
    public static PromptTemplate? Fill(PromptTemplate? prompt, ToolSet? tools) =>
        prompt?.HasToolsPlace() == true ? prompt.WithTools(ToolLines.Of(ToolSchemas.Of(tools?.All ?? []))) : prompt;

    /// <summary>The schemas of servers' tools that a prompt neither has a place for nor speaks of; null for none.</summary>
    public static JsonElement? Untold(PromptTemplate? prompt, ToolSet? tools)
    {
        var untold = prompt?.HasToolsPlace() == true ? [] : (tools?.All ?? [])
            .Where(tool => tool.GetService<McpTool>() is not null && prompt?.Names(tool.Name) != true).ToArray();
        return untold.Length == 0 ? null : ToolSchemas.Of(untold);
    }

    /// <summary>A conversation with tools described in its opening system turn, or in a new one.</summary>
    /// <param name="schemas">The tools in the OpenAI form; <c>finish</c> need not be among them.</param>
    public static IReadOnlyList<Turn> Tell(IReadOnlyList<Turn> turns, JsonElement schemas)
    {
        var text = Text(ToolSchemas.Of(ToolSchemas.Declare(schemas).Where(tool => tool.Name != ToolSet.Finish)));
        return turns.Count > 0 && turns[0].Role == Roles.System
            ? [turns[0] with { Content = $"{turns[0].Content}\n\n{text}" }, .. turns.Skip(1)]
            : [new Turn(Roles.System, text, Loss: false), .. turns];
    }

    private static string Text(JsonElement schemas) => $"{Heading}\n\n{ToolLines.Of(schemas)}";
}
