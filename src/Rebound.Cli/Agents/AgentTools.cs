using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Agents.Search;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Agents;

/// <summary>The tools that options ask for, with what has to be closed after them.</summary>
internal sealed class AgentTools : IAsyncDisposable
{
    private const string SearchKey = "SERPER_API_KEY";

    /// <summary>Web searches a second; the service's own limit is above it.</summary>
    private const double SearchesPerSecond = 5;

    /// <summary>Bytes of what a web search answers.</summary>
    private const long LongestSearch = 4 << 20;

    private readonly List<IDisposable> _opened = [];
    private ToolServers? _servers;

    private AgentTools()
    {
    }

    public ToolSet Tools { get; private set; } = new();

    /// <param name="card">The agent card of a model that was trained here; null for any other.</param>
    /// <param name="task">Null for no task: the tools of a server, and search where options name a place to.</param>
    /// <exception cref="InputException">The task asks for a tool that nothing provides.</exception>
    public static async Task<AgentTools> OpenAsync(AgentOptions options, CommandContext context, AgentTask? task, AgentCard? card)
    {
        var opened = new AgentTools();
        try
        {
            await opened.FillAsync(options, context, task, card);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _opened.ForEach(resource => resource.Dispose());
        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }
    }

    private async Task FillAsync(AgentOptions options, CommandContext context, AgentTask? task, AgentCard? card)
    {
        _servers = await ToolServers.OpenAsync(options.ToolServers, context, task);
        var (served, tools) = (_servers.Tools, new List<AIFunction>());
        foreach (var name in Names(options, context, task, card).Where(name => served.All(tool => tool.Name != name)))
        {
            var own = name switch
            {
                "calculate" => new CalculateTool(),
                "search" => Search(options, context),
                _ => null,
            };
            tools.Add(await ReplayedAsync(name, own, options, context) ?? own ?? throw new InputException(
                name == "search"
                    ? $"The task {task!.Name} searches: give {options.Index.Name} with an index, which 'rebound data index' makes of "
                        + $"documents, {options.WebSearch.Name} or {options.Replay.Name}."
                    : $"The task {task!.Name} has a tool '{name}', which nothing provides; {options.ToolServers.Servers.Name} offers "
                        + "those of a server."));
        }

        Tools = new ToolSet(All(), async cancellation => await _servers.RefreshAsync(cancellation) ? All() : null);

        IEnumerable<AIFunction> All() => RenamedTool.Apart([.. _servers.Tools, .. tools]);
    }

    /// <summary>
    /// The tools of the task, or the search that options name, and those that the model learned with and that can be had here.
    /// </summary>
    private static IEnumerable<string> Names(AgentOptions options, CommandContext context, AgentTask? task, AgentCard? card)
    {
        var searches = context.Get(options.Index) is not null || context.Get(options.WebSearch);
        IReadOnlyList<string> asked = task is not null ? task.Tools : searches ? ["search"] : [];
        var learned = card?.Tools is { } schemas ? ToolSchemas.Declare(schemas).Select(tool => tool.Name) : [];
        return asked.Union(learned.Where(name =>
            name != ToolSet.Finish && (context.Get(options.Replay) is not null || name == "calculate" || (name == "search" && searches))));
    }

    private AIFunction? Search(AgentOptions options, CommandContext context)
    {
        if (context.Get(options.Index) is { } path)
        {
            return new IndexSearchTool(Keep(SearchIndex.Open(path)));
        }

        if (!context.Get(options.WebSearch))
        {
            return null;
        }

        var key = ApiKey.FromEnvironment(SearchKey) ?? throw new InputException($"{options.WebSearch.Name} needs a key in {SearchKey}.");
        var cache = context.Get(options.SearchCache) is { } file ? Keep(new SearchCache(file)) : null;
        return new WebSearchTool(
            Keep(new HttpClient { MaxResponseContentBufferSize = LongestSearch }), Keep(PublicHttp.CreateClient()), key, cache,
            new CallPacer(SearchesPerSecond, TimeProvider.System),
            new WebSearchOptions(), TimeProvider.System);
    }

    private static async Task<AIFunction?> ReplayedAsync(string name, AIFunction? fallback, AgentOptions options, CommandContext context) =>
        context.Get(options.Replay) is { } path
            ? new ReplayTool(
                name,
                await ReplayTool.CollectAsync(name, TrajectoryFile.ReadAsync(path, cancellation: context.Interrupted), context.Interrupted),
                fallback)
            : null;

    private T Keep<T>(T resource)
        where T : IDisposable
    {
        _opened.Add(resource);
        return resource;
    }
}
