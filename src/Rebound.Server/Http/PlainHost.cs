using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Rebound.Server.Http;

/// <summary>
/// An HTTP server with nothing in it: no settings, addresses or log levels come from files and variables that happen to be there, and the
/// process's signals are left to whoever owns it.
/// </summary>
internal static class PlainHost
{
    private const int MostHeaderBytes = 32 << 10;
    private const int MostHeaders = 100;

    /// <param name="limit">Sets its limits, beside those of headers.</param>
    public static WebApplicationBuilder Builder(IPAddress address, int port, Action<KestrelServerLimits> limit)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Rebound" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
            kestrel.Limits.MaxRequestHeaderCount = MostHeaders;
            limit(kestrel.Limits);
            kestrel.Listen(new IPEndPoint(address, port));
        });
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        return builder;
    }

    /// <summary>Begins to listen; it is disposed of where that fails.</summary>
    /// <exception cref="IOException">The address is in use, or cannot be listened on.</exception>
    public static async Task StartAsync(WebApplication application, CancellationToken cancellation)
    {
        try
        {
            await application.StartAsync(cancellation);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where it listens, for example <c>http://127.0.0.1:8080/</c>.</summary>
    public static Uri AddressOf(WebApplication application) => new(
        application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Takes no more requests, and ends when those that run have ended, or their time is over.</summary>
    public static async Task StopAsync(WebApplication application, TimeSpan patience, TimeProvider clock)
    {
        using var over = new CancellationTokenSource(patience, clock);
        await application.StopAsync(over.Token);
    }

    /// <summary>Leaves the process's signals to whoever owns the server.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
