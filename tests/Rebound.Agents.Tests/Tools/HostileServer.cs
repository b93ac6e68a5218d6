using System.IO.Pipelines;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Rebound.Agents.Tests.Tools;

/// <summary>A server of tools in this process whose every result a test decides, however wrong.</summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();
    private readonly Task _running;

    /// <param name="answer">The result of a method as JSON, given the request; null for silence.</param>
    public HostileServer(Func<string, JsonNode, string?> answer) => _running = AnswerAsync(answer);

    public IClientTransport Transport => new StreamClientTransport(_toServer.Writer.AsStream(), _toClient.Reader.AsStream());

    /// <summary>What a server answers that does as it should, with one tool.</summary>
    public static string? Usual(string method) => method switch
    {
        "initialize" =>
            """{"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "hostile", "version": "1"}}""",
        "tools/list" =>
            """{"tools": [{"name": "shout", "description": "shouts", "inputSchema": {"type": "object", "properties": {"text": {"type":"""
                + """ "string"}}}}]}""",
        "tools/call" => """{"content": [{"type": "text", "text": "HELLO"}]}""",
        _ => null,
    };

    public async ValueTask DisposeAsync()
    {
        await _toServer.Writer.CompleteAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task AnswerAsync(Func<string, JsonNode, string?> answer)
    {
        using var requests = new StreamReader(_toServer.Reader.AsStream());
        await using var answers = new StreamWriter(_toClient.Writer.AsStream()) { AutoFlush = true };
        while (await requests.ReadLineAsync() is { } line)
        {
            var request = JsonNode.Parse(line)!;
            if (request["id"] is { } id)
            {
                var method = (string)request["method"]!;
                var known = method is "initialize" or "tools/list" or "tools/call";
                var said = known ? answer(method, request) : null;
                var member = known ? $"\"result\": {said}" : """ "error": {"code": -32601, "message": "unknown method"}""";
                if (!known || said is not null)
                {
                    await answers.WriteLineAsync($$"""{"jsonrpc": "2.0", "id": {{id.ToJsonString()}}, {{member}}}""");
                }
            }
        }
    }
}
