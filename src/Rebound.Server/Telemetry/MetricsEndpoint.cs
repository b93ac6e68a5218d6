using Microsoft.AspNetCore.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.Telemetry;

/// <summary><c>GET /metrics</c>, for Prometheus.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    public static Task HandleAsync(HttpContext context, ServerState state)
    {
        var models = state.Models;
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(state.Metrics.Write(models.Engine, models.DefaultName), context.RequestAborted);
    }
}
