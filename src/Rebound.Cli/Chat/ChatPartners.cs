using Rebound.Agents.Chat;
using Rebound.Agents.Tasks;
using Rebound.Cli.Agents;
using Rebound.Trajectories;

namespace Rebound.Cli.Chat;

/// <summary>Makes the agents that a chat turns to, and closes their tools after it.</summary>
internal sealed class ChatPartners(CommandContext context, ChatOptions options, AgentCard? card) : IAsyncDisposable
{
    private readonly List<AgentTools> _opened = [];

    /// <summary>The agent that options and the model's card name.</summary>
    public Task<ChatAgent> FirstAsync() => OpenAsync(context.Get(options.Agent.Task) ?? card?.Task ?? ChatCommands.NoTask);

    /// <param name="task">A task's name or file, or <see cref="ChatCommands.NoTask"/>.</param>
    public async Task<ChatAgent> OpenAsync(string task)
    {
        var known = task == ChatCommands.NoTask ? null : TaskRegistry.Open(task);
        var prompt = options.Agent.ReadPrompt(context, known, card);
        var tools = await AgentTools.OpenAsync(options.Agent, context, known);
        _opened.Add(tools);
        return new ChatAgent(known?.Name, tools.Tools.All.Count > 0 || known is not null ? tools.Tools : null, prompt);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tools in _opened)
        {
            await tools.DisposeAsync();
        }
    }
}
