using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;
using Rebound.Agents.Models;
using Rebound.Agents.Search;
using Rebound.Agents.Tools;
using Rebound.Fuzz.Mutation;
using Rebound.Testing;

namespace Rebound.Fuzz.Readers;

/// <summary>Answers of servers: models behind HTTP, tool servers, a search service.</summary>
internal static class ServerReaders
{
    /// <summary>More than a busy machine needs: that a server which says nothing is given up is tested elsewhere.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TextMutator Events = new(
        ["data: ", "data:", "event: error\n", "\n\n", "\n", "\r\n", "[DONE]", "null", "{}", "{\"error\":{\"message\":\"no\"}}",
            "\"choices\":[", "\"delta\":", "\"content\":", "\"finish_reason\":\"length\"", ": comment\n", "retry: 1\n", "id: 1\n", "{", "}",
            "[", "]", ",", "1e999", "\"\\ud800\""],
        [("{\"a\":", "}"), ("[", "]"), ("data: ", "\n\n"), ("\n", "")]);

    /// <summary>A tool server that answers another request than the one that was made is silent, and most inputs come to that.</summary>
    private static readonly McpLimits Limits = new()
    {
        StartPatience = TimeSpan.FromMilliseconds(100),
        CallPatience = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>The first connection of a process waits for the compiler.</summary>
    private static readonly McpLimits FirstLimits = new() { StartPatience = Patience, CallPatience = Patience };

    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        new("answer", JsonMutator.Instance, _ => Workbench.Files("answer"),
            _ => OpenModel("application/json", (model, messages) => model.GetResponseAsync(messages).GetAwaiter().GetResult())),
        new("stream", Events, _ => Workbench.Files("stream"),
            _ =>
                OpenModel(
                    "text/event-stream", (model, messages) => model.GetStreamingResponseAsync(messages).ToBlockingEnumerable().ToList())),
        new("refusal", JsonMutator.Instance, _ => Workbench.Files("refusal"), _ => OpenRefusingModel()),
        new("search-answer", JsonMutator.Instance, _ => Workbench.Files("search-answer"), _ => OpenSearch),
        new("mcp", LineMutator.Instance, _ => Workbench.Files("mcp"), _ => OpenToolServer()),
    ];

    private static Action<byte[]> OpenSearch => input =>
    {
        using var http = new HttpClient(new FixedAnswer(input));
        var options = new WebSearchOptions { Retries = 1, FirstDelay = TimeSpan.Zero };
        var tool = new WebSearchTool(
            http, http, new ApiKey("none"), null, new CallPacer(1e6, TimeProvider.System), options, TimeProvider.System);
        tool.InvokeAsync("Ulm").GetAwaiter().GetResult();
    };

    /// <summary>A model behind a server on this machine that answers whatever it is given.</summary>
    private static Action<byte[]> OpenModel(string kind, Action<IChatClient, IEnumerable<ChatMessage>> ask)
    {
        byte[] answer = [];
        var server = new LocalServer((_, context) => LocalServer.Say(context, answer, kind));
        var client = new Endpoint(server.Address, null).CreateClient("test", Patience);
        var pool = new EndpointPool([client], attempts: 1, firstBackoff: TimeSpan.Zero, TimeProvider.System);
        return input =>
        {
            answer = input;
            ask(pool, [new ChatMessage(ChatRole.User, "What is 2 + 2?")]);
        };
    }

    /// <summary>
    /// A model behind a server that refuses its first request with whatever it is given; a parameter that is named is left out then.
    /// </summary>
    private static Action<byte[]> OpenRefusingModel()
    {
        var (refusal, isRefusing) = (Array.Empty<byte>(), false);
        var server = new LocalServer((_, context) =>
        {
            var refuses = isRefusing;
            isRefusing = false;
            return refuses
                ? LocalServer.Say(context, 400, Encoding.UTF8.GetString(refusal))
                : LocalServer.Say(context, 200, """{"choices": [{"message": {"content": "4"}}]}""");
        });
        return input =>
        {
            (refusal, isRefusing) = (input, true);
            var client = new Endpoint(server.Address, null).CreateClient("test", Patience);
            using var pool = new EndpointPool([client], attempts: 1, firstBackoff: TimeSpan.Zero, TimeProvider.System);
            var options = new ChatOptions { Temperature = 0.5f, MaxOutputTokens = 64 };
            pool.GetResponseAsync([new ChatMessage(ChatRole.User, "What is 2 + 2?")], options).GetAwaiter().GetResult();
        };
    }

    private static Action<byte[]> OpenToolServer()
    {
        foreach (var seed in Workbench.Files("mcp"))
        {
            McpAsync(seed, FirstLimits).GetAwaiter().GetResult();
        }

        return input => McpAsync(input, Limits).GetAwaiter().GetResult();
    }

    /// <summary>A tool server that answers every request with the next line and goes away behind the last one.</summary>
    private static async Task McpAsync(byte[] input, McpLimits limits)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        var serving = ServeAsync(input, toServer.Reader.AsStream(), toClient.Writer);
        await using (var connected = await McpTools.ConnectAsync(
            new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream()), "test", limits))
        {
            var tools = new ToolSet(connected.Tools);
            foreach (var (name, argument) in new[] { ("add", """{"a": 2, "b": 3}"""), ("echo", "hello") })
            {
                if (tools.Find(name) is not { } tool)
                {
                    continue;
                }

                try
                {
                    await tool.ActAsync(argument);
                }
                catch (ToolArgumentException)
                {
                    // An agent is told, and goes on.
                }
            }
        }

        await toServer.Writer.CompleteAsync();
        await serving;
    }

    private static async Task ServeAsync(byte[] input, Stream requests, PipeWriter answers)
    {
        using var reader = new StreamReader(requests);
        var lines = new Queue<string>(Encoding.UTF8.GetString(input).Split('\n'));
        while (lines.Count > 0 && await reader.ReadLineAsync() is { } request)
        {
            // What has no id is a notification and gets no answer.
            if (request.Contains("\"id\":", StringComparison.Ordinal))
            {
                await answers.WriteAsync(Encoding.UTF8.GetBytes($"{lines.Dequeue()}\n"));
            }
        }

        await answers.CompleteAsync();
    }

    private sealed class FixedAnswer(byte[] answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new ByteArrayContent(answer);
            content.Headers.ContentType = new("application/json");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }
}
