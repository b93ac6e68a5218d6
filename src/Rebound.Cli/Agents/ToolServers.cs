using Microsoft.Extensions.AI;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;

namespace Rebound.Cli.Agents;

/// <summary>The servers of tools that the command line names, and those of a task's file that it lets start.</summary>
internal sealed class ToolServers : IAsyncDisposable
{
    private readonly List<(McpTools Server, Func<AIFunction, bool> IsOffered)> _servers = [];

    private ToolServers()
    {
    }

    /// <summary>The tools of all servers, each by a name of its own.</summary>
    public IReadOnlyList<AIFunction> Tools => RenamedTool.Apart(_servers.SelectMany(server => server.Server.Tools.Where(server.IsOffered)));

    /// <exception cref="InputException">The task's file names a server that may not be started, or a command line is none.</exception>
    public static async Task<ToolServers> OpenAsync(ToolServerOptions options, CommandContext context, AgentTask? task)
    {
        var opened = new ToolServers();
        try
        {
            await opened.StartAsync(options, context, task);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lists tools again where servers announced changes.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RefreshAsync(CancellationToken cancellation)
    {
        var hasChanged = false;
        foreach (var (server, _) in _servers)
        {
            hasChanged |= await server.RefreshAsync(cancellation);
        }

        return hasChanged;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, _) in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task StartAsync(ToolServerOptions options, CommandContext context, AgentTask? task)
    {
        var (given, own) = (context.Get(options.Servers) ?? [], task?.Servers ?? []);
        if (own.FirstOrDefault(server => !given.Contains(server)) is { } refused && !context.Get(options.Allow))
        {
            throw new InputException(
                $"The task {task!.Name} asks for a tool server, which would run with your rights:\n  {refused}\nIf it may, give "
                    + $"{options.Servers.Name} with the same words, or {options.Allow.Name}.");
        }

        var started = options.Read(context);
        foreach (var server in given.Union(own))
        {
            var opened = await OpenAsync(server, options, started, context.Interrupted);

            // Of a server that the task's file brings, the agent has the tools that the file names, or all where it names none.
            var isNamed = !given.Contains(server) && opened.Tools.Any(tool => task!.Tools.Contains(tool.Name));
            _servers.Add((opened, isNamed ? tool => task!.Tools.Contains(tool.Name) : _ => true));
        }
    }

    private static async Task<McpTools> OpenAsync(
        string server, ToolServerOptions options, McpStartOptions started, CancellationToken cancellation)
    {
        if (Uri.TryCreate(server, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return await McpTools.ConnectAsync(address!, started.Limits, cancellation);
        }

        IReadOnlyList<string> words;
        try
        {
            words = CommandLineWords.Split(server);
        }
        catch (FormatException e)
        {
            throw new InputException($"{options.Servers.Name} is no command line, {server}: {e.Message}", e);
        }

        return words.Count > 0
            ? await McpTools.StartAsync(words[0], [.. words.Skip(1)], started, cancellation)
            : throw new InputException($"{options.Servers.Name} is empty; give the address or the command line of a server.");
    }
}
