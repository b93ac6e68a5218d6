using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Collection and chat with servers that misbehave.</summary>
public sealed class CollectServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-servers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("nullfinish", "")]
    [InlineData(
        "400temp", "refuses temperature (Unsupported value: 'temperature' does not support 0.2); requests go without it from here on.")]
    public async Task A_server_of_its_own_ways_is_collected_from(string model, string told)
    {
        await using var server = new MisbehavingServer();

        var run = Collect(server.Address, model, questions: 2, "--json");

        Assert.Equal(2, (int)JsonNode.Parse(run.Succeeded())!["successes"]!);
        Assert.Contains(told, run.Error);
        Assert.InRange(run.Error.Split("refuses temperature").Length, 1, 2);
    }

    [Theory]
    [InlineData("404", "the server answered 404 (model 'x' not found, try pulling it first)")]
    [InlineData("400detail", "the server answered 400 (body.messages: field required)")]
    public async Task A_server_that_can_give_no_answer_ends_the_collection_at_once(string model, string sentence)
    {
        await using var server = new MisbehavingServer();

        var run = Collect(server.Address, model, questions: 30);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Error);
        Assert.InRange(server.Requests.Count, 1, 2);
        Assert.All(Episodes(), row => Assert.Equal("model error", (string?)row["info"]!["cause"]));
    }

    [Fact]
    public async Task A_server_s_model_calls_its_tools_natively()
    {
        var requests = new List<JsonNode>();
        await using var server = new LocalServer(async (number, context) =>
        {
            requests.Add(await ChatServer.ReadAsync(context));
            await (number == 0
                ? ChatServer.Call(context, "calculate", """{"expression": "6-2"}""")
                : ChatServer.Call(context, "finish", """{"answer": "4"}"""));
        });

        var run = Collect(server.Address, "test", questions: 1, "--tool-format", "native");

        run.Succeeded();
        Assert.Equal(["calculate", "finish"], requests[0]["tools"]!.AsArray().Select(tool => (string)tool!["function"]!["name"]!));
        Assert.Equal("4", (string)requests[1]["messages"]!.AsArray()[^1]!["content"]!);
        Assert.Equal(
            (string)requests[1]["messages"]!.AsArray()[^2]!["tool_calls"]![0]!["id"]!,
            (string)requests[1]["messages"]!.AsArray()[^1]!["tool_call_id"]!);
        var row = Assert.Single(Episodes());
        Assert.Equal("4", (string)row["info"]!["pred"]!);
        Assert.Equal("""{"expression": "6-2"}""", (string)row["conversations"]![0]!["tool_calls"]![0]!["function"]!["arguments"]!);
        Assert.Equal(2, row["tools"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_collection_without_any_answer_has_failed()
    {
        await using var server = new MisbehavingServer();

        var run = Collect(server.Address, "400ctx", questions: 3);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "No attempt had an answer from the model: the model could not be asked: the server answered 400 (This model's maximum context",
            run.Error);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public void A_server_that_is_not_there_is_said_at_once()
    {
        var run = Collect(new Uri("http://127.0.0.1:1/v1"), "m", questions: 30);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("http://127.0.0.1:1 refuses the connection: is the server running, and is the port right?", run.Error);
    }

    [Fact]
    public async Task Extra_members_come_from_the_command_line_and_from_a_file()
    {
        await using var server = new MisbehavingServer();
        var config = Path.Combine(_folder, "options.yml");
        File.WriteAllText(config, "extra-body:\n  top_k: 20\n  chat_template_kwargs: {enable_thinking: false}\n  tag: \"no\"\n");

        Collect(server.Address, "m", questions: 1, "--config", config).Succeeded();
        var typed = Collect(server.Address, "m", questions: 1, "--extra-body", """{"top_k": 5}""");
        File.Delete(Path.Combine(_folder, "out", "collection.json"));

        Assert.Equal("""{"top_k":20,"chat_template_kwargs":{"enable_thinking":false},"tag":"no"}""", Extra(server.Requests[0]));
        Assert.Contains("'extra_body': is", typed.Refused());
        Assert.Contains(
            "--extra-body {\"a\": is no JSON object (it ends within an object or a list)",
            Collect(server.Address, "m", 1, "--extra-body", "{\"a\":").Refused());
        Assert.Contains("--extra-body [1] is no JSON object;", Collect(server.Address, "m", 1, "--extra-body", "[1]").Refused());

        static string Extra(JsonObject request) =>
            new JsonObject(request.Where(member => member.Key is "top_k" or "chat_template_kwargs" or "tag")
                .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString();
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("127.0.0.1", false)]
    public async Task The_environments_proxy_is_the_way_to_a_server(string? without, bool isUsed)
    {
        await using var server = new MisbehavingServer();
        var asked = new List<string>();
        using var forward = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await using var proxy = new LocalServer(async (_, context) =>
        {
            asked.Add(context.Request.RawUrl!);
            using var request = new HttpRequestMessage(HttpMethod.Post,
                new Uri(server.Address, context.Request.Url!.AbsolutePath))
            { Content = new StreamContent(context.Request.InputStream) };
            using var answer = await forward.SendAsync(request);
            await LocalServer.Say(context, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        });

        Collect(
            new Dictionary<string, string> { ["HTTP_PROXY"] = proxy.Address.ToString(), ["NO_PROXY"] = without ?? "" }, server.Address,
            "m", questions: 1).Succeeded();

        Assert.Equal((1, isUsed ? 1 : 0), (server.Requests.Count, asked.Count));
    }

    [Fact]
    public void A_proxy_that_is_not_there_is_named()
    {
        var run = Collect(
            new Dictionary<string, string> { ["HTTP_PROXY"] = "http://127.0.0.1:1" }, new Uri("http://192.0.2.1/v1"), "m", questions: 1);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the proxy http://127.0.0.1:1 refuses the connection", run.Error);
    }

    [Theory]
    [InlineData("firsterr", "the server answered 502 (upstream overloaded).")]
    [InlineData("miderr", "the model's answer broke off: the server answered 502 (upstream overloaded).")]
    public async Task A_chat_tells_what_its_server_said(string model, string sentence)
    {
        await using var server = new MisbehavingServer();

        var run = ReboundProcess.Run(
            ["chat", "--model", model, "--endpoint", server.Address.ToString()], environment: null, input: "2+2?\n");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Output + run.Error);
    }

    private ReboundProcess Collect(Uri server, string model, int questions, params string[] more) =>
        Collect([], server, model, questions, more);

    private ReboundProcess Collect(Dictionary<string, string> environment, Uri server, string model, int questions, params string[] more)
    {
        var path = Path.Combine(_folder, "questions.jsonl");
        File.WriteAllLines(
            path, Enumerable.Range(0, questions).Select(i => $$"""{"question": "2 + 2, number {{i}}?", "answer": "#### 4"}"""));
        return ReboundProcess.Run(
        [
            "collect", "--task", "gsm8k", "--question-path", path, "--model", model, "--endpoint",
            server.ToString(), "--temperatures", "0.2",
            "--output-dir", Path.Combine(_folder, "out"), "--concurrency", "2", .. more,
        ], environment);
    }

    private IEnumerable<JsonNode> Episodes() =>
        File.ReadLines(Path.Combine(_folder, "out", "episodes.jsonl")).Select(line => JsonNode.Parse(line)!);
}
