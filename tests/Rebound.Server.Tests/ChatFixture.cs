using Rebound.Testing;

namespace Rebound.Server.Tests;

/// <summary>One server of a random model with two conditions, for all tests that only ask it.</summary>
public sealed class ChatFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-server-").FullName;

    internal RunningServer Server { get; private set; } = null!;

    /// <summary>The name of its model.</summary>
    internal const string Model = "agent";

    internal string Folder => Path.Combine(_folder, Model);

    public async ValueTask InitializeAsync()
    {
        TestModels.Write(Folder);
        TestModels.WriteCard(Folder);
        Server = await RunningServer.StartAsync(Folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
