using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.Http;

/// <summary><c>GET /health</c>: 503 while the model is being loaded, 200 then.</summary>
internal static class HealthEndpoint
{
    public const string Path = "/health";

    public static Task HandleAsync(HttpContext context, ServerState state) => state.IsReady
        ? Responses.WriteAsync(context, new JsonObject { ["status"] = "ok" })
        : Responses.WriteErrorAsync(context, ApiException.Unavailable("Loading model"));
}
