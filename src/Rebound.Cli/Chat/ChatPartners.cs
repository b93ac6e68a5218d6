using Rebound.Agents.Chat;
using Rebound.Agents.Tasks;
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
        var tools = await AgentTools.OpenAsync(options.Agent, context, known, model.Card);
        _opened.Add(tools);
        return ChatAgents.Of(options.Agent, context, known, model.Card, model.ToolFormat, tools.Tools);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tools in _opened)
        {
            await tools.DisposeAsync();
        }
    }
}
