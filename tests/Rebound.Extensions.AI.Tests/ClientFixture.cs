using Rebound.Engine;
using Rebound.Inference.Serving;
using Rebound.Server.Tests;
using Rebound.Testing;

namespace Rebound.Extensions.AI.Tests;

/// <summary>A random model with two conditions and an adapter beside it, in a client, and in a server that the client is held to.</summary>
public sealed class ClientFixture : IAsyncLifetime
{
    internal const string Model = "agent";
    internal const string Adapter = "tuned";

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-client-").FullName;

    public ReboundChatClient Client { get; private set; } = null!;

    internal RunningServer Server { get; private set; } = null!;

    internal string Folder => Path.Combine(_folder, Model);

    public async ValueTask InitializeAsync()
    {
        TestModels.Write(Folder);
        TestModels.WriteCard(Folder);
        var adapter = Path.Combine(_folder, Adapter);
        TinyChatModel.WriteAdapter(adapter, Folder, TestModels.Config, change: 5);
        Server = await RunningServer.StartAsync(Folder);
        Client = ReboundChatClient.Open(Folder, new ReboundChatClientOptions { Device = () => new CpuBackend(1), MaxSequences = 4 });
        await Client.GetRequiredServedModels().AddAsync(Adapter, adapter);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

internal static class ServedModelsOfClients
{
    public static ServedModels GetRequiredServedModels(this ReboundChatClient client) => (ServedModels)client.GetService(typeof(ServedModels))!;
}
