using Rebound.Server.Tests;

namespace Rebound.Pages.Tests;

/// <summary>One server of a trained agent and its pages, for all tests of the chat in a browser.</summary>
public sealed class ChatPageFixture : IAsyncLifetime
{
    private readonly TrainedAgentFixture _agent = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-pages-").FullName;

    internal RunningServer Server { get; private set; } = null!;

    /// <summary>Where judged answers are saved.</summary>
    internal string SaveFolder => _folder;

    /// <summary>What the agent's calculator does before it calculates; null for nothing.</summary>
    internal Func<CancellationToken, Task>? BeforeCalculating
    {
        set => _agent.BeforeCalculating = value;
    }

    public async ValueTask InitializeAsync()
    {
        await _agent.InitializeAsync();
        Server = await RunningServer.StartAsync(
            _agent.Folder, options: new ServerOptions { Parts = [new PagesPart(new PagesOptions { SaveFolder = _folder })] },
            agents: _agent.Agents);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _agent.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
