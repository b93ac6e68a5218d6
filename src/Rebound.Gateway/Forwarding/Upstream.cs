using System.Net;
using Microsoft.AspNetCore.Http;
using Rebound.Gateway.Keeping;
using Rebound.Gateway.Outcomes;
using Rebound.Gateway.Protocols;
using Rebound.Server.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Rebound.Gateway.Forwarding;

/// <summary>Passes requests on to the upstream and its answers back, and has conversations recorded.</summary>
internal sealed class Upstream(
    IHttpForwarder forwarder, ConversationStore store, Counting counts, GatewayOptions options, OutcomeReading outcomes) : IDisposable
{
    private static readonly ChatProtocol Chat = new();
    private static readonly ResponsesProtocol Responses = new();

    /// <summary>Models think for as long as they do: clients know how long they wait.</summary>
    private static readonly ForwarderRequestConfig Patient = new() { ActivityTimeout = Timeout.InfiniteTimeSpan };

    private readonly HeaderReading _headers = new(outcomes, counts, options.Note);

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(30),
    });

    public async Task HandleAsync(HttpContext context)
    {
        var exchange = Exchange(context.Request);
        if (exchange is null)
        {
            counts.AddOther();
        }

        var (requestBody, answerBody) = (context.Request.Body, context.Response.Body);
        if (exchange is not null)
        {
            context.Request.Body = new PassingStream(requestBody, exchange.TakeRequest);
            context.Response.Body = new PassingStream(answerBody, exchange.TakeAnswerAsync);
        }

        var error = await forwarder.SendAsync(
            context, options.Upstream.GetLeftPart(UriPartial.Authority), _client, Patient,
            new UpstreamTransformer(options.Upstream, exchange, _headers));
        (context.Request.Body, context.Response.Body) = (requestBody, answerBody);
        if (error == ForwarderError.None)
        {
            await (exchange?.EndAsync() ?? ValueTask.CompletedTask);
            await context.Response.CompleteAsync();
            return;
        }

        await (exchange?.BreakAsync(Reason(context, error)) ?? ValueTask.CompletedTask);
        if (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var cause = Cause(context.GetForwarderErrorFeature()?.Exception);
            throw new ApiException(
                StatusCodes.Status502BadGateway, "upstream_error",
                $"{options.Upstream.GetLeftPart(UriPartial.Path)} cannot be reached{(cause is null ? "" : $": {cause.TrimEnd('.')}")}.");
        }
    }

    public void Dispose() => _client.Dispose();

    private static string? Cause(Exception? exception) =>
        exception is AggregateException several ? Cause(several.InnerExceptions[0]) : exception?.GetBaseException().Message;

    private static string Reason(HttpContext context, ForwarderError error) =>
        context.RequestAborted.IsCancellationRequested || error.ToString().Contains("Canceled", StringComparison.Ordinal)
            || error.ToString().Contains("Client", StringComparison.Ordinal)
            ? "the client left before its answer had ended"
            : context.Response.HasStarted ? "the answer was cut off" : "the upstream cannot be reached";

    private RecordedExchange? Exchange(HttpRequest request)
    {
        IRecordedProtocol? protocol = !HttpMethods.IsPost(request.Method) ? null
            : EndsWith(request, "/chat/completions") ? Chat
            : EndsWith(request, "/responses") ? Responses
            : null;
        return protocol is null ? null : new RecordedExchange(
            protocol, store, counts, options, request.Headers.ContentEncoding.ToString(), _headers.Conversation(request.Headers),
            _headers.Outcome(request.Headers[GatewayHeaders.Outcome]));
    }

    private static bool EndsWith(HttpRequest request, string ending) =>
        request.Path.Value?.TrimEnd('/').EndsWith(ending, StringComparison.OrdinalIgnoreCase) == true;
}
