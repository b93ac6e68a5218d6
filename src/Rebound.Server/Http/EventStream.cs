using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Rebound.Server.Http;

/// <summary>Server-sent events: <c>data: JSON</c>, one after the other. Nothing is sent before the first one.</summary>
internal sealed class EventStream(HttpContext context)
{
    private PipeWriter? _output;
    private Utf8JsonWriter? _json;

    /// <summary>Whether the response has begun, so that an error can only be another event.</summary>
    public bool HasBegun => _output is not null;

    /// <summary>Adds an event; it is sent with the next <see cref="SendAsync"/>.</summary>
    /// <param name="name">Of the event, for clients that tell events by it; null for none.</param>
    public void Add(Action<Utf8JsonWriter> write, string? name = null)
    {
        var output = _output ??= Begin();
        if (name is not null)
        {
            Write(output, "event: "u8);
            Encoding.UTF8.GetBytes(name, output);
            Write(output, "\n"u8);
        }

        Write(output, "data: "u8);
        _json = WireJson.Write(output, write, _json);
        Write(output, "\n\n"u8);
    }

    /// <summary>Adds the event that ends the streams of chats and completions.</summary>
    public void AddDone() => Write(_output ??= Begin(), "data: [DONE]\n\n"u8);

    public async Task SendAsync()
    {
        if (_output is { } output)
        {
            await output.FlushAsync(context.RequestAborted);
        }
    }

    private PipeWriter Begin()
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return context.Response.BodyWriter;
    }

    private static void Write(PipeWriter output, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }
}
