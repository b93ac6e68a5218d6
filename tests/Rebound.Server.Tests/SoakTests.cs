using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Server.OpenAi;
using Rebound.Testing;

namespace Rebound.Server.Tests;

/// <summary>Many clients at once that stream, break off, send nonsense, ask for too much and cut their connections.</summary>
public sealed class SoakTests : IDisposable
{
    private const int Clients = 12;
    private const int Requests = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-server-").FullName;

    public SoakTests() => TestModels.Write(Path.Combine(_folder, "model"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Nothing_is_lost_or_left_and_every_error_is_in_shape()
    {
        await using var server = await RunningServer.StartAsync(
            Path.Combine(_folder, "model"), options: new ServerOptions { MaxWaiting = 12, MaxBodyBytes = 10_000 });
        var expected = await TextAsync(server);

        var counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ClientAsync(server, client, expected)));

        while (server.Models.Engine.Running + server.Models.Engine.Waiting + server.Models.Engine.HeldTokens > 0)
        {
            await Task.Delay(5, Cancellation);
        }

        // All places are free again: as many answers as may be are taken at once.
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(server, Ask("n", 16, "max_tokens", 1))).Status);
        Assert.Equal(expected, await TextAsync(server));
        Assert.NotEqual(0, counts.Sum());
    }

    /// <returns>Whole answers that it got.</returns>
    private static async Task<int> ClientAsync(RunningServer server, int client, string expected)
    {
        var whole = 0;
        for (var request = 0; request < Requests; request++)
        {
            switch ((client + request) % 6)
            {
                case 0 or 1:
                    var (status, body) = await AskAsync(server, Ask());
                    if (status == HttpStatusCode.OK)
                    {
                        Assert.Equal(expected, (string?)JsonNode.Parse(body)!["choices"]![0]!["message"]!["content"]);
                        whole++;
                    }
                    else
                    {
                        CheckError(status, body, HttpStatusCode.TooManyRequests);
                    }

                    break;
                case 2:
                    await BreakOffAsync(server);
                    break;
                case 3:
                    var nonsense = await PostAsync(server, new StringContent("{\"messages\": [nonsense"));
                    CheckError(nonsense.Status, nonsense.Body, HttpStatusCode.BadRequest);
                    break;
                case 4:
                    var large = await PostAsync(server, new StringContent(new string('[', 20_000)));
                    CheckError(large.Status, large.Body, HttpStatusCode.RequestEntityTooLarge);
                    break;
                default:
                    await CutAsync(server.Server.Address);
                    break;
            }
        }

        return whole;
    }

    private static void CheckError(HttpStatusCode status, string body, HttpStatusCode expected)
    {
        Assert.Equal(expected, status);
        Assert.NotEmpty((string)JsonNode.Parse(body)!["error"]!["message"]!);
    }

    /// <summary>Reads the beginning of a stream, and leaves.</summary>
    private static async Task BreakOffAsync(RunningServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ChatEndpoint.Path.TrimStart('/'))
        {
            Content = JsonContent.Create(Ask("stream", true, "max_tokens", 4000, "n", 2)),
        };
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        Assert.True(await stream.ReadAtLeastAsync(new byte[64], 64, throwOnEndOfStream: false, Cancellation) >= 64);
    }

    /// <summary>Sends a request, or half of one, and closes the connection at once.</summary>
    private static async Task CutAsync(Uri address)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port, Cancellation);
        var body = Ask("max_tokens", 4000).ToJsonString();
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"POST {ChatEndpoint.Path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n{body}"), Cancellation);
        socket.LingerState = new LingerOption(true, 0);
    }

    private static async Task<string> TextAsync(RunningServer server) =>
        (string)JsonNode.Parse((await AskAsync(server, Ask())).Body)!["choices"]![0]!["message"]!["content"]!;

    private static Task<(HttpStatusCode Status, string Body)> AskAsync(RunningServer server, JsonObject request) =>
        PostAsync(server, JsonContent.Create(request));

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(RunningServer server, HttpContent content)
    {
        using var response = await server.Http.PostAsync(ChatEndpoint.Path, content, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static JsonObject Ask(params object[] members)
    {
        var request = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
            ["temperature"] = 0,
            ["ignore_eos"] = true,
            ["max_tokens"] = 20,
        };
        foreach (var member in members.Chunk(2))
        {
            request[(string)member[0]] = JsonValue.Create(member[1]);
        }

        return request;
    }
}
