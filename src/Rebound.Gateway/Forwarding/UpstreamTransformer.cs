using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Rebound.Gateway.Forwarding;

/// <summary>Passes headers on as they are, but for those of one hop and the gateway's own.</summary>
/// <param name="exchange">Null where nothing is recorded.</param>
internal sealed class UpstreamTransformer(Uri upstream, RecordedExchange? exchange, HeaderReading headers) : HttpTransformer
{
    private const string Version = "/v1";

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = Target(httpContext.Request.Path, httpContext.Request.QueryString);
        proxyRequest.Headers.Host = null;
        proxyRequest.Headers.Remove(GatewayHeaders.Conversation);
        proxyRequest.Headers.Remove(GatewayHeaders.Outcome);
        if (exchange is not null)
        {
            // What is recorded comes as it is.
            proxyRequest.Headers.AcceptEncoding.Clear();
            proxyRequest.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        }
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var passes = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (exchange is null || proxyResponse is null)
        {
            return passes;
        }

        var told = proxyResponse.Headers.TryGetValues(GatewayHeaders.Outcome, out var values) ? values.ToArray() : [];
        var conversation = await exchange.BeginAnswerAsync(proxyResponse, headers.Outcome(told));
        if (conversation is not null)
        {
            httpContext.Response.Headers[GatewayHeaders.Conversation] = conversation;
        }

        if (proxyResponse.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            // Clients know that an answer has begun before its first event.
            await httpContext.Response.StartAsync(cancellationToken);
        }

        return passes;
    }

    /// <summary>The request's path below the upstream's; a version that both name is there once.</summary>
    private Uri Target(PathString path, QueryString query)
    {
        var prefix = upstream.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var rest = path.ToUriComponent();
        if (prefix.EndsWith(Version, StringComparison.Ordinal)
            && (rest == Version || rest.StartsWith(Version + "/", StringComparison.Ordinal)))
        {
            rest = rest[Version.Length..];
        }

        return new Uri($"{prefix}{rest}{query.ToUriComponent()}");
    }
}
