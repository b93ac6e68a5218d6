using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Rebound.Inference.Serving;
using Rebound.Server.Agents;
using Rebound.Server.Http;
using Rebound.Server.Security;
using Rebound.Server.Serving;

namespace Rebound.Server;

/// <summary>Answers programs that speak OpenAI's protocol with local models.</summary>
public sealed class ModelServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ServerState _state;

    private ModelServer(WebApplication application, ServerState state) => (_application, _state) = (application, state);

    /// <summary>Where it listens, for example <c>http://127.0.0.1:8080/</c>.</summary>
    public Uri Address => PlainHost.AddressOf(_application);

    /// <summary>Begins to listen. Until <see cref="Serve"/> all that it says is that the model is being loaded.</summary>
    /// <exception cref="IOException">The address is in use, or cannot be listened on.</exception>
    public static async Task<ModelServer> StartAsync(ServerOptions options, CancellationToken cancellation = default)
    {
        var builder = PlainHost.Builder(options.Address, options.Port, limits => limits.MaxRequestBodySize = options.MaxBodyBytes);
        // Tokens go out on the thread that writes them, without a turn of another thread for each.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddRoutingCore();
        Endpoints.Describe(builder.Services, options.ApiKey is not null);
        var (state, keys) = (new ServerState(options), new ApiKeyCheck(options.ApiKey));
        builder.Services.AddSingleton<IServerView>(state).AddSingleton<IKeyCheck>(keys);
        foreach (var part in options.Parts)
        {
            part.AddServices(builder.Services);
        }

        var application = builder.Build();
        Map(application, state, keys);
        await PlainHost.StartAsync(application, cancellation);
        return new ModelServer(application, state);
    }

    /// <summary>Answers with models from now on.</summary>
    /// <param name="models">Not owned; to be disposed of when the server has stopped.</param>
    /// <param name="agents">The agents that they are; null to let none work.</param>
    public void Serve(ServedModels models, ServedAgents? agents = null) => _state.Serve(models, agents);

    /// <summary>Takes no more requests, and ends when those that run have ended, or their time is over.</summary>
    public Task StopAsync() => PlainHost.StopAsync(_application, _state.Options.DrainTimeout, _state.Options.Clock);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _application.DisposeAsync();
    }

    private static void Map(WebApplication application, ServerState state, ApiKeyCheck keys)
    {
        var options = state.Options;
        application.Use(SecurityHeaders.HandleAsync);
        application.Use(new ErrorHandling(options.Note, options.Parts).HandleAsync);
        application.Use(new BrowserGuard(options.AllowedHosts).HandleAsync);
        application.UseRouting();
        application.Use(keys.HandleAsync);
        Endpoints.Map(application, state);
        foreach (var part in options.Parts)
        {
            part.Map(application);
        }
    }
}
