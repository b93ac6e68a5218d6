using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Rebound.Files.Json;
using Rebound.Gateway.Forwarding;
using Rebound.Gateway.Keeping;
using Rebound.Server.Http;
using Rebound.Traces.Otlp;
using Rebound.Traces.Runs;

namespace Rebound.Gateway.Outcomes;

/// <summary>
/// <c>POST /v1/traces</c> and <c>/v1/logs</c>: takes what OpenTelemetry's exporters send, and keeps the evaluations of answers in it.
/// </summary>
internal sealed class TelemetryEndpoint(ConversationStore store, GatewayOptions options)
{
    public const string TracesPath = "/v1/traces";
    public const string LogsPath = "/v1/logs";

    private const string Protobuf = "application/x-protobuf";
    private const string ResponseId = "gen_ai.response.id";
    private const string ConversationId = "gen_ai.conversation.id";

    public async Task HandleAsync(HttpContext context)
    {
        var isProtobuf = context.Request.ContentType?.StartsWith(Protobuf, StringComparison.OrdinalIgnoreCase) == true;
        var copy = new BodyCopy(options.MaxRecordedBytes);
        var buffer = new byte[1 << 14];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            copy.Add(buffer.AsSpan(0, read));
        }

        store.Add(Evaluations(Read(copy, context.Request.Headers.ContentEncoding.ToString(), isProtobuf)));
        context.Response.ContentType = isProtobuf ? Protobuf : "application/json";
        await context.Response.Body.WriteAsync(isProtobuf ? Array.Empty<byte>() : "{}"u8.ToArray(), context.RequestAborted);
    }

    private static TraceData Read(BodyCopy copy, string encoding, bool isProtobuf)
    {
        try
        {
            using var body = copy.Open(encoding);
            using var bytes = new MemoryStream();
            body.CopyTo(bytes);
            var data = new TraceData();
            if (isProtobuf)
            {
                OtlpProtobufReader.Read(bytes.ToArray(), data);
            }
            else if (!OtlpJsonReader.Read(StrictJson.ParseElement(bytes.ToArray(), DuplicateNames.LastCounts), data))
            {
                throw new FormatException("it has neither 'resourceSpans' nor 'resourceLogs'");
            }

            return data;
        }
        catch (Exception e) when (e is FormatException or InvalidProtocolBufferException or JsonException)
        {
            throw ApiException.Invalid(null, $"The body cannot be used: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Evaluations with the answer or the conversation they are of, named by themselves or by their span.</summary>
    private static List<(string Id, bool IsConversation, TraceEvent Evaluation)> Evaluations(TraceData data)
    {
        var spans = data.Spans.ToDictionary(span => (span.TraceId, span.SpanId));
        var found = new List<(string, bool, TraceEvent)>();
        var events = data.Spans.SelectMany(span => span.Events).Concat(data.Events);
        foreach (var item in events.Where(item => item.Name == VerdictReader.Result))
        {
            var span = spans.GetValueOrDefault((item.TraceId, item.SpanId));
            if ((item.Text(ResponseId) ?? span?.Text(ResponseId)) is { Length: > 0 } response)
            {
                found.Add((response, false, item));
            }
            else if ((item.Text(ConversationId) ?? span?.Text(ConversationId)) is { Length: > 0 } conversation)
            {
                found.Add((conversation, true, item));
            }
        }

        return found;
    }
}
