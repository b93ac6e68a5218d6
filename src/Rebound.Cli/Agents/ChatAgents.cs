using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Agents;

/// <summary>Makes the agents that options, a task and a model's card amount to.</summary>
internal static class ChatAgents
{
    /// <param name="task">Null for none.</param>
    /// <param name="card">The model's; null for one that was not trained here.</param>
    /// <param name="format">How the model calls tools by itself.</param>
    /// <param name="tools">What the task and the card have of tools here.</param>
    public static ChatAgent Of(
        AgentOptions options, CommandContext context, AgentTask? task, AgentCard? card, ToolFormat format, ToolSet tools)
    {
        var asked = AgentSetup.WithTools(
            new EpisodeOptions(), card, format, ToolFormats.Find(context.Require(options.ToolFormat)), task);
        var prompt = options.ReadPrompt(context, task, card, asked.ToolFormat);
        TellUnprovided(options, context, tools, asked);
        return new ChatAgent(
            task?.Name, tools.All.Count > 0 || task is not null || asked.ToolSchemas is not null ? tools : null, prompt)
        {
            ToolFormat = asked.ToolFormat,
            ToolSchemas = asked.ToolSchemas,
        };
    }

    /// <summary>Says which of the tools that the model learned with nothing provides.</summary>
    private static void TellUnprovided(AgentOptions options, CommandContext context, ToolSet tools, EpisodeOptions asked)
    {
        var absent = asked.ToolSchemas is { } schemas
            ? ToolSchemas.Declare(schemas).Select(tool =>
                tool.Name).Where(name => name != ToolSet.Finish && tools.FindCalled(name) is null).ToArray()
            : [];
        if (absent.Length > 0)
        {
            context.Terminal.Note(
                $"The model learned to call {string.Join(", ", absent)}, which nothing provides here; "
                    + $"{options.ToolServers.Servers.Name} offers the tools of a server.");
        }
    }
}
