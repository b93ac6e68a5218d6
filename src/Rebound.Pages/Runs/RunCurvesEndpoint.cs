using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rebound.Study.Watching;

namespace Rebound.Pages.Runs;

/// <summary>
/// <c>GET /runs/curves</c>: the part of the page that changes while runs go on. Where nothing has come since the client's copy, the answer
/// is 304 and nothing is drawn.
/// </summary>
internal static class RunCurvesEndpoint
{
    public const string Path = "/runs/curves";

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet(Path, HandleAsync);

    private static async Task HandleAsync(HttpContext context, RunLibrary library)
    {
        var address = RunsAddress.Of(context.Request.Query);
        var runs = address.In(library.Look());
        var tag = $"\"{TagOf(address, runs)}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "no-cache, private";
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await new RazorComponentResult<RunCurves>(new { Runs = runs, Address = address }).ExecuteAsync(context);
    }

    private static string TagOf(RunsAddress address, IReadOnlyList<WatchedRun> runs) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{address}\n{string.Join('\n', runs.Select(run => $"{run.Id} {run.Version} {run.Problem}"))}")))[..16];
}
