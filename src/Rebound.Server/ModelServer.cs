using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rebound.Inference.Serving;
using Rebound.Server.Agents;
using Rebound.Server.Http;
using Rebound.Server.Security;
using Rebound.Server.Serving;

namespace Rebound.Server;

/// <summary>Answers programs that speak OpenAI's protocol with local models.</summary>
public sealed class ModelServer : IAsyncDisposable
{
    private const int MostHeaderBytes = 32 << 10;
    private const int MostHeaders = 100;

    private readonly WebApplication _application;
    private readonly ServerState _state;

    private ModelServer(WebApplication application, ServerState state) => (_application, _state) = (application, state);

    /// <summary>Where it listens, for example <c>http://127.0.0.1:8080/</c>.</summary>
    public Uri Address => new(
        _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Begins to listen. Until <see cref="Serve"/> all that it says is that the model is being loaded.</summary>
    /// <exception cref="IOException">The address is in use, or cannot be listened on.</exception>
    public static async Task<ModelServer> StartAsync(ServerOptions options, CancellationToken cancellation = default)
    {
        // An empty builder: no settings, addresses or log levels come from files and variables that happen to be there.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Rebound" });
        // Tokens go out on the thread that writes them, without a turn of another thread for each.
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true)
            .ConfigureKestrel(kestrel => Configure(kestrel, options));
        builder.Services.AddRoutingCore();
        Endpoints.Describe(builder.Services);
        var (state, keys) = (new ServerState(options), new ApiKeyCheck(options.ApiKey));
        builder.Services.AddSingleton<IServerView>(state).AddSingleton<IKeyCheck>(keys);
        foreach (var part in options.Parts)
        {
            part.AddServices(builder.Services);
        }

        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        var application = builder.Build();
        Map(application, state, keys);
        try
        {
            await application.StartAsync(cancellation);
            return new ModelServer(application, state);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers with models from now on.</summary>
    /// <param name="models">Not owned; to be disposed of when the server has stopped.</param>
    /// <param name="agents">The agents that they are; null to let none work.</param>
    public void Serve(ServedModels models, ServedAgents? agents = null) => _state.Serve(models, agents);

    /// <summary>Takes no more requests, and ends when those that run have ended, or their time is over.</summary>
    public async Task StopAsync()
    {
        using var patience = new CancellationTokenSource(_state.Options.DrainTimeout, _state.Options.Clock);
        await _application.StopAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _application.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = MostHeaders;
        kestrel.Listen(new IPEndPoint(options.Address, options.Port));
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

    /// <summary>Leaves the process's signals to whoever owns the server.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
