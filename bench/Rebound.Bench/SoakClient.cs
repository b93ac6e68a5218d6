using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Bench;

/// <summary>One client of a soak, which does one thing after the other by its seed and checks what comes back.</summary>
internal sealed class SoakClient(HttpClient http, Uri address, int tokens, int mostBytes, SoakCounts counts, int seed)
{
    private const string Path = "/v1/chat/completions";
    private const string Question = "What is a river?";

    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(200);

    private readonly Random _random = new(seed);
    private bool _isTooEarly;

    /// <summary>The text of the greedy answer.</summary>
    public string Expected { get; set; } = "";

    /// <summary>Asks for the greedy answer, which all others have to be.</summary>
    public async Task LearnAsync() => Expected = (await AskAsync(Body(stream: false))).Text!;

    /// <summary>Asks for it once, and checks it.</summary>
    public async Task WholeAsync()
    {
        var (status, text) = await AskAsync(Body(stream: false));
        Check("whole", status, text);
    }

    public async Task RunAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                _isTooEarly = false;
                await DoAsync(_random.Next(8));
                await Task.Delay(_isTooEarly ? TryAgain : TimeSpan.Zero, over);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SocketException or JsonException)
            {
                counts.Wrong($"{e.GetType().Name}: {e.Message}");
            }
        }
    }

    private Task DoAsync(int kind) => kind switch
    {
        0 => WholeAsync(),
        1 or 2 => StreamAsync(),
        3 => CancelAsync(),
        4 => CutAsync(_random.Next(2) == 0),
        5 => RefusedAsync("nonsense", "{\"messages\": [nonsense", HttpStatusCode.BadRequest),
        6 => RefusedAsync("too large", new string('[', mostBytes + 1), HttpStatusCode.RequestEntityTooLarge),
        _ => RefusedAsync("out of range", """{"messages": [{"role": "user", "content": "x"}], "temperature": -1}""", HttpStatusCode.BadRequest),
    };

    private async Task StreamAsync()
    {
        using var response = await SendAsync(Body(stream: true));
        if (response.StatusCode != HttpStatusCode.OK)
        {
            Check("streamed", response.StatusCode, await response.Content.ReadAsStringAsync());
            return;
        }

        var text = new StringBuilder();
        var isWhole = false;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            isWhole |= line == "data: [DONE]";
            if (line.StartsWith("data: {", StringComparison.Ordinal))
            {
                var chunk = JsonNode.Parse(line[6..])!;
                text.Append((string?)chunk["choices"]?[0]?["delta"]?["content"] ?? (chunk["error"] is null ? "" : line));
            }
        }

        Check("streamed", HttpStatusCode.OK, isWhole ? text.ToString() : $"{text} (and no end)");
    }

    /// <summary>Reads the beginning of a long stream, and leaves.</summary>
    private async Task CancelAsync()
    {
        var body = Body(stream: true);
        (body["max_tokens"], body["n"]) = (1000, 2);
        using var response = await SendAsync(body);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            await using var stream = await response.Content.ReadAsStreamAsync();
            if (await stream.ReadAtLeastAsync(new byte[256], 256, throwOnEndOfStream: false) < 256)
            {
                counts.Wrong("a long stream ended at its beginning");
            }

            counts.Add("cancelled");
        }
        else
        {
            Check("cancelled", response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    /// <summary>Sends a request, or a half of one, and cuts the connection.</summary>
    private async Task CutAsync(bool half)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        var body = Body(stream: true).ToJsonString();
        var request = Encoding.ASCII.GetBytes(
            $"POST {Path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await socket.SendAsync(request.AsMemory(0, half ? request.Length / 2 : request.Length));
        socket.LingerState = new LingerOption(true, 0);
        counts.Add("cut");
    }

    private async Task RefusedAsync(string kind, string body, HttpStatusCode expected)
    {
        using var response = await http.PostAsync(Path, new StringContent(body));
        var text = await response.Content.ReadAsStringAsync();
        if (!IsError(text) || (response.StatusCode != expected && response.StatusCode != HttpStatusCode.TooManyRequests))
        {
            counts.Wrong($"{kind}: {(int)response.StatusCode} {text}");
        }

        counts.Add(kind);
    }

    /// <summary>An answer is the one that was learned, or the request was told to try later.</summary>
    private void Check(string kind, HttpStatusCode status, string? text)
    {
        if (status == HttpStatusCode.TooManyRequests && IsError(text!))
        {
            counts.Add("told to try later");
            _isTooEarly = true;
        }
        else if (status != HttpStatusCode.OK || text != Expected)
        {
            counts.Wrong($"{kind}: {(int)status} {text}");
        }
        else
        {
            counts.Add(kind);
        }
    }

    private static bool IsError(string text) => JsonNode.Parse(text)?["error"]?["message"] is JsonValue;

    /// <returns>The answer's text, or the body where it is none.</returns>
    private async Task<(HttpStatusCode Status, string? Text)> AskAsync(JsonObject body)
    {
        using var response = await SendAsync(body);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.IsSuccessStatusCode
            ? (string?)JsonNode.Parse(text)!["choices"]![0]!["message"]!["content"]
            : text);
    }

    private async Task<HttpResponseMessage> SendAsync(JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(body.ToJsonString()) };
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private JsonObject Body(bool stream) => new()
    {
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Question }),
        ["temperature"] = 0,
        ["ignore_eos"] = true,
        ["max_tokens"] = tokens,
        ["stream"] = stream,
    };
}
