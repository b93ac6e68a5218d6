using Microsoft.AspNetCore.Http;

namespace Rebound.Server.Http;

/// <summary>The name of a model in a request's path.</summary>
internal static class RouteName
{
    /// <summary>A slash in a name comes as clients write one into a path; all else has been read by then.</summary>
    public static string Of(HttpContext context) =>
        ((string)context.Request.RouteValues["name"]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
