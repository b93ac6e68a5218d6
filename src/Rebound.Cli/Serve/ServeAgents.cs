using Rebound.Agents.Episodes;
using Rebound.Agents.Tasks;
using Rebound.Cli.Agents;
using Rebound.Files.Rows;
using Rebound.Inference.Chat;
using Rebound.Server.Agents;
using Rebound.Trajectories;

namespace Rebound.Cli.Serve;

/// <summary>The agents that a server's models are, with the tools that the command line gives them.</summary>
internal sealed class ServeAgents : IAsyncDisposable
{
    private readonly AgentOptions _options;
    private readonly CommandContext _context;
    private readonly AgentTask? _task;
    private readonly AgentTools _tools;

    private ServeAgents(AgentOptions options, CommandContext context, AgentTask? task, AgentTools tools) =>
        (_options, _context, _task, _tools) = (options, context, task, tools);

    /// <summary>Opens the tools that options name.</summary>
    /// <exception cref="InputException">The task that options name asks for a tool that nothing provides.</exception>
    public static async Task<ServeAgents> OpenAsync(AgentOptions options, CommandContext context)
    {
        var task = context.Get(options.Task) is { } name ? TaskRegistry.Open(name) : null;
        return new ServeAgents(options, context, task, await AgentTools.OpenAsync(options, context, task, card: null));
    }

    public ServedAgents Served(EpisodeOptions limits) => new(OfAsync) { Limits = limits };

    public ValueTask DisposeAsync() => _tools.DisposeAsync();

    private async Task<AgentOffer> OfAsync(ChatProfile model)
    {
        var card = model.Card;
        try
        {
            var task = _task ?? (card?.Task is { } name ? TaskRegistry.Open(name) : null);
            var agent = ChatAgents.Of(_options, _context, task, card, model.ToolFormat, await _tools.OfAsync(task, card));
            return agent.Tools is not null
                ? new AgentOffer(agent, null)
                : new AgentOffer(null, $"it has no tools; {_options.Task.Name} of 'rebound serve' gives it a task's.");
        }
        catch (InputException e)
        {
            return new AgentOffer(null, e.Message);
        }
        catch (Exception e) when (e is ArgumentException or DataException or IOException)
        {
            _context.Terminal.Note($"The agent of the task {card?.Task ?? _task?.Name} cannot be let work: {e.Message}");
            return new AgentOffer(null, "its task, or its prompt, is not to be had here.");
        }
    }
}
