using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rebound.Trajectories.Browsing;

namespace Rebound.Pages.Layout;

/// <summary>
/// Renders every page of the navigation once when the server has started, for nobody: the code of pages is compiled when it first runs, and
/// the first person who opens one does not wait for that.
/// </summary>
internal sealed class PageRehearsal(
    IServiceScopeFactory scopes, EndpointDataSource endpoints, Navigation navigation, TrajectoryLibrary library,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Endpoints are there when the server listens.
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stoppingToken);
            await library.Look().WaitAsync(stoppingToken);
            foreach (var entry in navigation.Entries)
            {
                await RenderAsync(entry.Path, stoppingToken);
            }
        }
        catch (Exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Whoever opens a page that fails is told of it.
        }
    }

    private async Task RenderAsync(string path, CancellationToken cancellation)
    {
        var page = endpoints.Endpoints.OfType<RouteEndpoint>().First(endpoint =>
            endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && endpoint.RoutePattern.RawText == path);
        await using var scope = scopes.CreateAsyncScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancellation };
        (context.Request.Method, context.Request.Scheme, context.Request.Host) = (HttpMethods.Get, "http", new HostString("localhost"));
        (context.Request.Path, context.Response.Body) = (path, Stream.Null);
        context.SetEndpoint(page);
        await page.RequestDelegate!(context);
    }
}
