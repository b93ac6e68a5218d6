using System.Text.Json;
using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Cli.Agents;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Chat;

/// <summary>Makes the agents that a chat turns to, and closes their tools after it.</summary>
internal sealed class ChatPartners(CommandContext context, ChatOptions options, AgentModel model) : IAsyncDisposable
{
    private readonly List<AgentTools> _opened = [];

    /// <summary>The agent that options and the model's card name.</summary>
    public Task<ChatAgent> FirstAsync() => OpenAsync(context.Get(options.Agent.Task) ?? model.Card?.Task ?? SlashCommands.NoTask);

    /// <param name="task">A task's name or file, or <see cref="SlashCommands.NoTask"/>.</param>
    public async Task<ChatAgent> OpenAsync(string task)
    {
        var known = task == SlashCommands.NoTask ? null : TaskRegistry.Open(task);
        var asked = options.Agent.WithTools(new EpisodeOptions(), context, known, model);
        var prompt = options.Agent.ReadPrompt(context, known, model.Card, asked.ToolFormat);
        var tools = await AgentTools.OpenAsync(options.Agent, context, known, model.Card);
        _opened.Add(tools);
        var hasTools = tools.Tools.All.Count > 0 || known is not null || asked.ToolSchemas is not null;
        TellUnprovided(tools.Tools, asked.ToolSchemas);
        return new ChatAgent(known?.Name, hasTools ? tools.Tools : null,
            prompt)
        { ToolFormat = asked.ToolFormat, ToolSchemas = asked.ToolSchemas };
    }

    /// <summary>Says which of the tools that the model learned with nothing provides.</summary>
    private void TellUnprovided(ToolSet tools, JsonElement? learned)
    {
        var absent = learned is { } schemas
            ? ToolSchemas.Declare(schemas).Select(tool =>
                tool.Name).Where(name => name != ToolSet.Finish && tools.FindCalled(name) is null).ToArray()
            : [];
        if (absent.Length > 0)
        {
            context.Terminal.Note(
                $"The model learned to call {string.Join(", ", absent)}, which nothing provides here; "
                    + $"{options.Agent.ToolServers.Servers.Name} offers the tools of a server.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tools in _opened)
        {
            await tools.DisposeAsync();
        }
    }
}
