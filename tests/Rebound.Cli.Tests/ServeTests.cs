using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed partial class ServeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-serve-").FullName;

    public ServeTests() => TinyChatModel.Write(Model);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Model => At("agent");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_answers_as_generate_does_until_it_is_told_to_stop()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals are sent as POSIX has them.");
        var generated = JsonNode.Parse(ReboundProcess.Run(
            "generate", Model, "--message", "Hello!", "--max-new-tokens", "20", "--json", "--device", "cpu").Succeeded())!;
        using var serving = new RunningProcess("serve", Model, "--port", "0", "--device", "cpu", "--threads", "1");
        Assert.True(await serving.SaysAsync("Try: curl "), serving.Said);
        using var http = new HttpClient { BaseAddress = new Uri(Address().Match(serving.Said).Value) };

        Assert.Equal("{\"status\":\"ok\"}", await http.GetStringAsync("health", Cancellation));
        using var response = await http.PostAsJsonAsync("v1/chat/completions", JsonNode.Parse("""
            {"model": "agent", "messages": [{"role": "user", "content": "Hello!"}], "temperature": 0, "max_tokens": 20, "return_token_ids": true}
            """), Cancellation);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
        await serving.SignalAsync("TERM");
        await serving.EndAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(JsonNode.DeepEquals(generated["output_ids"], answer["choices"]![0]!["token_ids"]), $"{generated}\n{answer}");
        Assert.Equal((string?)generated["output"], (string?)answer["choices"]![0]!["message"]!["content"]);
        Assert.Equal(0, serving.ExitCode);
        Assert.Contains("256 tokens of context", serving.Said);
        Assert.EndsWith("Stopped.", serving.Said.TrimEnd());
    }

    [Fact]
    public async Task Its_agent_works_as_evaluate_lets_it_with_the_tools_of_the_command_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals are sent as POSIX has them.");
        File.WriteAllText(At("sums.yaml"), "name: sums\nquestions: sums.jsonl\nscorer: number\ntools: [calculate]\nprompt: ask.json\n");
        File.WriteAllText(At("sums.jsonl"), """{"question": "2+2?", "answer": "4"}""");
        File.WriteAllText(At("ask.json"), """{"name": "ask", "question": "Q: {question}"}""");
        ReboundProcess.Run(
            "evaluate", "--model", Model, "--task", At("sums.yaml"), "--conditions", "none", "--temperature", "0", "--max-tokens", "20",
            "--output-dir", At("out"), "--device", "cpu").Succeeded();
        var episode = JsonNode.Parse(Assert.Single(await File.ReadAllLinesAsync(At("out/none/episodes.jsonl"), Cancellation)))!;

        using var serving = new RunningProcess(
            "serve", Model, "--port", "0", "--device", "cpu", "--threads", "1", "--task", At("sums.yaml"), "--max-tokens", "20");
        Assert.True(await serving.SaysAsync("Agents that work here with their tools: agent"), serving.Said);
        using var http = new HttpClient { BaseAddress = new Uri(Address().Match(serving.Said).Value) };
        using var response = await http.PostAsJsonAsync("v1/agents/agent:none/run", JsonNode.Parse("""
            {"question": "2+2?", "temperature": 0, "return_token_ids": true}
            """), Cancellation);
        var run = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
        await serving.SignalAsync("TERM");
        await serving.EndAsync();

        var turns = run["trajectory"]!["conversations"]!.AsArray();
        Assert.Equal(
            episode["conversations"]!.AsArray().Select(turn => turn!.ToJsonString()), turns.Skip(1).Select(turn => turn!.ToJsonString()));
        Assert.Equal((string?)episode["info"]!["cause"], (string?)run["cause"]);
        Assert.Equal(0, serving.ExitCode);
    }

    [Fact]
    public void A_task_whose_search_nothing_provides_is_refused()
    {
        var refused = ReboundProcess.Run("serve", Model, "--port", "0", "--device", "cpu", "--task", "strategyqa").Refused();

        Assert.Contains("The task strategyqa searches: give --index", refused);
    }

    [Fact]
    public void What_would_be_open_to_all_or_cannot_be_is_refused()
    {
        File.WriteAllText(Path.Combine(_folder, "empty"), "\n");

        var open = ReboundProcess.Run("serve", Model, "--host", "0.0.0.0").Refused();
        var wrong = ReboundProcess.Run("serve", Model, "--host", "nowhere", "--port", "70000", "--concurrency", "0",
            "--allowed-host", "http://model.lan", "--name", " ").Refused();
        var empty = ReboundProcess.Run("serve", Model, "--api-key-file", Path.Combine(_folder, "empty")).Refused();

        Assert.Contains("--host 0.0.0.0 can be reached from other machines: give a key by --api-key-file", open);
        Assert.Contains("--host is 'nowhere'", wrong);
        Assert.Contains("--port is 70000; it must be from 0 to 65535.", wrong);
        Assert.Contains("--concurrency is 0", wrong);
        Assert.Contains("--allowed-host is 'http://model.lan', and must be a name alone", wrong);
        Assert.Contains("--name is ' '", wrong);
        Assert.Contains("There is no key in", empty);
    }

    [Fact]
    public void A_port_that_is_taken_is_said_with_what_to_do()
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var refused = ReboundProcess.Run("serve", Model, "--port", $"{((IPEndPoint)taken.LocalEndpoint).Port}", "--device", "cpu").Refused();

        Assert.Contains("cannot be listened on at port", refused);
        Assert.Contains("--port chooses another one", refused);
    }

    private string At(string name) => Path.Combine(_folder, name);

    [GeneratedRegex("http://127\\.0\\.0\\.1:[0-9]+/", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
