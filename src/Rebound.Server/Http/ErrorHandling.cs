using Microsoft.AspNetCore.Http;
using Rebound.Inference.Serving;

namespace Rebound.Server.Http;

/// <summary>
/// Where every failure of a request ends: as an error in OpenAI's shape, as a page of one of the server's parts, or as nothing where the
/// client has gone.
/// </summary>
internal sealed class ErrorHandling(Action<string>? note, IReadOnlyList<IServerPart> parts)
{
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null }
                && !context.RequestAborted.IsCancellationRequested)
            {
                await WriteAsync(context, Unrouted(context));
            }
        }
#pragma warning disable CA1031 // This is the boundary: nothing is to pass it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            var error = e switch
            {
                ApiException known => known,
                UnknownModelException unknown => ApiException.NotFound(unknown),
                _ => ApiException.Failed("The request failed; whoever runs the server can see why.", e),
            };
            if (error.Status >= StatusCodes.Status500InternalServerError && (error.InnerException ?? (e == error ? null : e)) is { } cause)
            {
                note?.Invoke($"{context.Request.Method} {context.Request.Path} failed: {cause.Message}");
            }

            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await WriteAsync(context, error);
        }
    }

    private async Task WriteAsync(HttpContext context, ApiException error)
    {
        foreach (var part in parts)
        {
            if (await part.ShowErrorAsync(context, error.Status, error.Message))
            {
                return;
            }
        }

        await Responses.WriteErrorAsync(context, error);
    }

    private static ApiException Unrouted(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ApiException.NotFound(
            "not_found", $"There is no {context.Request.Method} {context.Request.Path} here."),
        StatusCodes.Status405MethodNotAllowed => new ApiException(
            context.Response.StatusCode, "invalid_request_error", $"{context.Request.Path} does not take {context.Request.Method}."),
        var status => new ApiException(status, "invalid_request_error", "The request cannot be used."),
    };
}
