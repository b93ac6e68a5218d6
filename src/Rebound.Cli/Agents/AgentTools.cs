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

    private readonly AgentOptions _options;
    private readonly CommandContext _context;
    private readonly List<IDisposable> _opened = [];
    private readonly Dictionary<string, AIFunction> _own = new(StringComparer.Ordinal);
    private readonly ToolServers _servers;

    private AgentTools(AgentOptions options, CommandContext context, ToolServers servers) =>
        (_options, _context, _servers) = (options, context, servers);

    public ToolSet Tools { get; private set; } = new();

    /// <param name="card">The agent card of a model that was trained here; null for any other.</param>
    /// <param name="task">Null for no task: the tools of a server, and search where options name a place to.</param>
    /// <exception cref="InputException">The task asks for a tool that nothing provides.</exception>
    public static async Task<AgentTools> OpenAsync(AgentOptions options, CommandContext context, AgentTask? task, AgentCard? card)
    {
        var opened = new AgentTools(options, context, await ToolServers.OpenAsync(options.ToolServers, context, task));
        try
        {
            opened.Tools = await opened.OfAsync(task, card);
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
        await _servers.DisposeAsync();
    }

    /// <summary>The tools of an agent; no server is started for it.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<ToolSet> OfAsync(AgentTask? task, AgentCard? card)
    {
        var (served, tools) = (_servers.Tools, new List<AIFunction>());
        foreach (var name in Names(task, card).Where(name => served.All(tool => tool.Name != name)))
        {
            tools.Add(await FindAsync(name) ?? throw new InputException(
                name == "search"
                    ? $"The task {task!.Name} searches: give {_options.Index.Name} with an index, which 'rebound data index' makes of "
                        + $"documents, {_options.WebSearch.Name} or {_options.Replay.Name}."
                    : $"The task {task!.Name} has a tool '{name}', which nothing provides; {_options.ToolServers.Servers.Name} offers "
                        + "those of a server."));
        }

        return new ToolSet(All(), async cancellation => await _servers.RefreshAsync(cancellation) ? All() : null);

        IEnumerable<AIFunction> All() => RenamedTool.Apart([.. _servers.Tools, .. tools]);
    }

    /// <summary>A tool that options provide; null for none.</summary>
    private async Task<AIFunction?> FindAsync(string name)
    {
        if (!_own.TryGetValue(name, out var tool))
        {
            var own = name switch
            {
                "calculate" => new CalculateTool(),
                "search" => Search(),
                _ => null,
            };
            tool = await ReplayedAsync(name, own) ?? own;
            if (tool is not null)
            {
                _own[name] = tool;
            }
        }

        return tool;
    }

    /// <summary>
    /// The tools of the task, or the search that options name, and those that the model learned with and that can be had here.
    /// </summary>
    private IEnumerable<string> Names(AgentTask? task, AgentCard? card)
    {
        var searches = _context.Get(_options.Index) is not null || _context.Get(_options.WebSearch);
        IReadOnlyList<string> asked = task is not null ? task.Tools : searches ? ["search"] : [];
        var learned = card?.Tools is { } schemas ? ToolSchemas.Declare(schemas).Select(tool => tool.Name) : [];
        return asked.Union(learned.Where(name =>
            name != ToolSet.Finish
                && (_context.Get(_options.Replay) is not null || name == "calculate" || (name == "search" && searches))));
    }

    private AIFunction? Search()
    {
        if (_context.Get(_options.Index) is { } path)
        {
            return new IndexSearchTool(Keep(SearchIndex.Open(path)));
        }

        if (!_context.Get(_options.WebSearch))
        {
            return null;
        }

        var key = ApiKey.FromEnvironment(SearchKey) ?? throw new InputException($"{_options.WebSearch.Name} needs a key in {SearchKey}.");
        var cache = _context.Get(_options.SearchCache) is { } file ? Keep(new SearchCache(file)) : null;
        return new WebSearchTool(
            Keep(new HttpClient { MaxResponseContentBufferSize = LongestSearch }), Keep(PublicHttp.CreateClient()), key, cache,
            new CallPacer(SearchesPerSecond, TimeProvider.System),
            new WebSearchOptions(), TimeProvider.System);
    }

    private async Task<AIFunction?> ReplayedAsync(string name, AIFunction? fallback) =>
        _context.Get(_options.Replay) is { } path
            ? new ReplayTool(
                name,
                await ReplayTool.CollectAsync(
                    name, TrajectoryFile.ReadAsync(path, cancellation: _context.Interrupted), _context.Interrupted),
                fallback)
            : null;

    private T Keep<T>(T resource)
        where T : IDisposable
    {
        _opened.Add(resource);
        return resource;
    }
}
