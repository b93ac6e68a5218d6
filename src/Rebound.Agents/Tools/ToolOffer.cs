using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Tools;

/// <summary>The tools that a model is offered.</summary>
/// <param name="Tools">As a chat interface takes them.</param>
/// <param name="Schemas">As trajectories, agent cards and chat templates have them.</param>
public sealed record ToolOffer(IReadOnlyList<AITool> Tools, JsonElement Schemas)
{
    /// <summary>The names that the model is offered.</summary>
    public IEnumerable<string> Names => Tools.Select(tool => tool.Name);

    /// <summary>An agent's tools and <see cref="FinishTool"/>, or those that its model was trained with, word for word.</summary>
    /// <param name="trained">Null for a model that was trained with none.</param>
    public static ToolOffer Of(ToolSet tools, JsonElement? trained)
    {
        AITool[] told = trained is { } schemas
            ? [.. ToolSchemas.Declare(schemas)]
            : [.. tools.All.Select(tool => Named(tool, tools.SafeName(tool))), FinishTool.Declaration];
        return new ToolOffer(told, ToolSchemas.Of(told));
    }

    /// <summary>Whether a call ends the episode, for models that are offered <c>finish</c>.</summary>
    public bool Finishes(ToolCall call) => call.Name == ToolSet.Finish && Names.Contains(ToolSet.Finish);

    private static AITool Named(AIFunction tool, string name) =>
        name == tool.Name ? tool : AIFunctionFactory.CreateDeclaration(name, tool.Description, tool.JsonSchema);
}
