using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Gateway.Forwarding;
using Rebound.Gateway.Keeping;
using Rebound.Gateway.Outcomes;
using Rebound.Server.Http;
using Rebound.Server.Security;
using Yarp.ReverseProxy.Forwarder;

namespace Rebound.Gateway;

/// <summary>
/// Stands before a server of OpenAI's protocol, passes everything on, and keeps the conversations in a folder, as trajectories to train on.
/// </summary>
public sealed class RecordingGateway : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly GatewayOptions _options;
    private readonly ConversationStore _store;
    private readonly Counting _counts;
    private readonly Upstream _upstream;
    private readonly TrajectoriesFile _file;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;

    private RecordingGateway(
        WebApplication application, GatewayOptions options, ConversationStore store, Counting counts, Upstream upstream)
    {
        (_application, _options, _store, _counts, _upstream) = (application, options, store, counts, upstream);
        _file = new TrajectoriesFile(store, options.Folder, options.Clock);
        _writing = Task.Run(() => _file.KeepWritingAsync(options.Note, _stop.Token));
    }

    /// <summary>Where it listens, for example <c>http://127.0.0.1:8090/</c>.</summary>
    public Uri Address => PlainHost.AddressOf(_application);

    /// <summary>Begins to listen; what the folder holds from before is gone on with.</summary>
    /// <exception cref="FolderInUseException">Another gateway has the folder.</exception>
    /// <exception cref="DataException">The folder's journal is damaged.</exception>
    /// <exception cref="IOException">The address is in use, or the folder cannot be written into.</exception>
    public static async Task<RecordingGateway> StartAsync(GatewayOptions options, CancellationToken cancellation = default)
    {
        var store = await ConversationStore.OpenAsync(options, cancellation);
        try
        {
            // Clients and the upstream may be as slow and say as much as they like.
            var builder = PlainHost.Builder(options.Address, options.Port, limits =>
                (limits.MaxRequestBodySize, limits.MinRequestBodyDataRate, limits.MinResponseDataRate) = (null, null, null));
            builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
            builder.Services.AddHttpForwarder();
            var application = builder.Build();
            var (counts, outcomes) = (new Counting(), new OutcomeReading(options.Outcomes));
            var upstream = new Upstream(
                application.Services.GetRequiredService<IHttpForwarder>(), store, counts, options, outcomes);
            Map(application, options, upstream, new FeedbackEndpoint(store, outcomes), new TelemetryEndpoint(store, options));
            await PlainHost.StartAsync(application, cancellation);
            return new RecordingGateway(application, options, store, counts, upstream);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Writes the trajectories of a folder that a gateway filled, which may have been killed.</summary>
    /// <returns>Counts of them.</returns>
    /// <exception cref="FolderInUseException">A gateway has the folder.</exception>
    /// <exception cref="DataException">The folder's journal is damaged.</exception>
    /// <exception cref="IOException">The folder cannot be written into.</exception>
    public static async Task<KeptCounts> WriteAsync(GatewayOptions options, CancellationToken cancellation = default)
    {
        using var store = await ConversationStore.OpenAsync(options, cancellation);
        return new TrajectoriesFile(store, options.Folder, options.Clock).Write();
    }

    /// <summary>Takes no more requests, lets those that run end, and writes the trajectories.</summary>
    /// <exception cref="IOException">The disk refuses the trajectories; the journal has them.</exception>
    public async Task<GatewayCounts> StopAsync()
    {
        await PlainHost.StopAsync(_application, _options.DrainTimeout, _options.Clock);
        await _stop.CancelAsync();
        await _writing;
        return new GatewayCounts(
            _counts.Answers, _counts.Failed, _counts.NotRecorded, _counts.Others, _file.Write(), _store.Unmatched(),
            _counts.IgnoredHeaders);
    }

    public async ValueTask DisposeAsync()
    {
        await PlainHost.StopAsync(_application, TimeSpan.Zero, _options.Clock);
        await _stop.CancelAsync();
        await _writing;
        await _application.DisposeAsync();
        _upstream.Dispose();
        _store.Dispose();
        _stop.Dispose();
    }

    private static void Map(
        WebApplication application, GatewayOptions options, Upstream upstream, FeedbackEndpoint feedback, TelemetryEndpoint telemetry)
    {
        application.Use(new ErrorHandling(options.Note, []).HandleAsync);
        application.Use(new BrowserGuard(options.AllowedHosts).HandleAsync);
        application.Run(context => (context.Request.Method, context.Request.Path.Value) switch
        {
            ("POST", FeedbackEndpoint.Path) => Bounded(context, options, feedback.HandleAsync),
            ("POST", TelemetryEndpoint.TracesPath or TelemetryEndpoint.LogsPath) => Bounded(context, options, telemetry.HandleAsync),
            _ => upstream.HandleAsync(context),
        });
    }

    private static Task Bounded(HttpContext context, GatewayOptions options, RequestDelegate handle)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = options.MaxRecordedBytes;
        return handle(context);
    }
}
