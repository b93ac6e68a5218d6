using Microsoft.Extensions.AI;
using ModelContextProtocol.Server;
using Rebound.Agents.Episodes;
using Rebound.Agents.Models;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tests.Episodes;
using Rebound.Agents.Tools;
using Rebound.Testing;
using Rebound.Trajectories;

namespace Rebound.Agents.Tests.Tools;

/// <summary>Servers that others wrote: two of npm's, and those of the protocol's C# SDK.</summary>
public sealed class RealServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ActionParsing.Tolerant)]
    [InlineData(ActionParsing.Reference)]
    public async Task Hyphenated_tools_are_called_by_name(ActionParsing parsing)
    {
        await using var server = await StartAsync(NodeServer.Package("server-everything", "stdio"));

        var episode = await TryAsync(
            server.Tools, parsing, "Thought: a\nAction: get-sum[{\"a\": 2, \"b\": 3}]", "Thought: b\nAction: echo[hello]",
            "Thought: c\nAction: get-structured-content[Chicago]", "Thought: d\nAction: get-sum[{\"a\": 2}]",
            "Thought: e\nAction: finish[yes]");
        var observed = episode.Turns.Where(turn => turn.Role == Roles.User).Select(turn => turn.Content).ToArray();

        Assert.True(episode.Succeeded, episode.Detail);
        Assert.Equal("Observation: The sum of 2 and 3 is 5.", observed[0]);
        Assert.Equal("Observation: Echo: hello", observed[1]);
        Assert.StartsWith("Observation: {\"temperature\":", observed[2]);
        Assert.StartsWith("Observation: Error: ", observed[3]);
    }

    [Fact]
    public async Task Hyphenated_tools_are_called_natively()
    {
        await using var server = await StartAsync(NodeServer.Package("server-everything", "stdio"));
        var model = new ScriptedContents(
            [Call("a", "get-sum", ("a", 2), ("b", 3)), Call("b", "get-structured-content", ("location", "Chicago")),
                Call("c", "get-sum", ("a", "two"))],
            [Call("d", "finish", ("answer", "5"))]);
        var run = new AgentRun([new Turn(Roles.User, "2+3?", Loss: false)]);

        await new AgentLoop(model, new ToolSet(server.Tools), new EpisodeOptions { ToolFormat = ToolFormat.Native }, TimeProvider.System)
            .RunAsync(run, Cancellation);

        Assert.Contains("get-sum", model.Asked[0].Tools!.Select(tool => tool.Name));
        Assert.Equal("5", run.Answer);
        Assert.Equal("The sum of 2 and 3 is 5.", run.Turns[1].Content);
        Assert.StartsWith("{\"temperature\":", run.Turns[2].Content);
        Assert.StartsWith("Error: get-sum does not take these arguments: ", run.Turns[3].Content);

        static FunctionCallContent Call(string id, string name, params (string Name, object Value)[] arguments) =>
            new(id, name, arguments.ToDictionary(argument => argument.Name, argument => (object?)argument.Value));
    }

    [Theory]
    [InlineData("get-tiny-image", "", "[an image (image/png), which cannot be shown as text]")]
    [InlineData("get-resource-links", "2", "[a link to Text Resource 2 (text/plain): demo://resource/dynamic/text/2]")]
    [InlineData("get-resource-reference", """{"resourceType": "Blob", "resourceId": 1}""",
        "[the resource demo://resource/dynamic/blob/1 (text/plain), which cannot be shown as text]")]
    [InlineData(
        "get-resource-reference", """{"resourceType": "Text", "resourceId": 1}""", "Resource 1: This is a plaintext resource created at")]
    public async Task Every_kind_of_content_is_observed(string tool, string argument, string expected)
    {
        await using var server = await StartAsync(NodeServer.Package("server-everything", "stdio"));

        Assert.Contains(expected, await new ToolSet(server.Tools).Find(tool)!.ActAsync(argument, Cancellation));
    }

    [Fact]
    public async Task Files_are_written_and_read_and_what_is_forbidden_is_observed()
    {
        await using var server = await StartAsync(NodeServer.Package("server-filesystem", _folder));
        var (tools, file) = (new ToolSet(server.Tools), Path.Combine(_folder, "a b.txt"));

        await tools.Find("write_file")!.CallAsync($$"""{"path": "{{file}}", "content": "water"}""", Cancellation);
        var read = await tools.Find("read_text_file")!.ActAsync(file, Cancellation);
        var forbidden = await tools.Find("read_text_file")!.ActAsync("/etc/hostname", Cancellation);

        Assert.Equal("water", await File.ReadAllTextAsync(file, Cancellation));
        Assert.Contains("water", read);
        Assert.StartsWith("Error: Access denied", forbidden);
    }

    [Theory]
    [InlineData(WebToolServer.Kind.Stateless)]
    [InlineData(WebToolServer.Kind.Sessions)]
    [InlineData(WebToolServer.Kind.Events)]
    public async Task A_server_over_http_is_called_until_it_is_gone(WebToolServer.Kind kind)
    {
        var collection = new McpServerPrimitiveCollection<McpServerTool> { Tool((int a, int b) => a + b, "add") };
        await using var web = await WebToolServer.StartAsync(collection, kind);
        await using var server = await McpTools.ConnectAsync(
            kind == WebToolServer.Kind.Events ? new Uri(web.Address, "/sse") : web.Address, cancellation: Cancellation);

        Assert.Equal("5", await server.Tools[0].ActAsync("""{"a": 2, "b": 3}""", Cancellation));
        await ChangesAreSeenAsync(server, collection);

        await web.DisposeAsync();
        await Assert.ThrowsAsync<ToolServerException>(() => server.Tools[0].ActAsync("""{"a": 2, "b": 3}""", Cancellation));
    }

    [Fact]
    public async Task A_server_of_the_newest_revision_is_asked_to_tell_what_changes()
    {
        await using var piped = new PipedServer(Tool((int a, int b) => a + b, "add"));
        await using var server = await McpTools.ConnectAsync(piped.Transport, "piped", cancellation: Cancellation);

        await ChangesAreSeenAsync(server, piped.Tools);
    }

    private static async Task ChangesAreSeenAsync(McpTools server, McpServerPrimitiveCollection<McpServerTool> collection)
    {
        const int Longest = 500;
        var tools = new ToolSet(server.Tools, async cancellation => await server.RefreshAsync(cancellation) ? server.Tools : null);
        for (var tries = 0; tries < Longest && tools.Find("shout.now") is null; tries++)
        {
            // A server that was not asked yet says nothing; it changes until it has been.
            collection.Remove(Tool((int n) => n, $"n{tries - 1}"));
            collection.Add(Tool((int n) => n, $"n{tries}"));
            collection.TryAdd(Tool((string text) => text.ToUpperInvariant(), "shout.now"));
            await Task.Delay(20, Cancellation);
            await tools.RefreshAsync(Cancellation);
        }

        Assert.Equal("HI", await tools.Find("shout.now")!.ActAsync("hi", Cancellation));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static McpServerTool Tool(Delegate work, string name) =>
        McpServerTool.Create(work, new McpServerToolCreateOptions { Name = name });

    private static Task<McpTools> StartAsync(string[] words) => McpTools.StartAsync(words[0], words[1..], cancellation: Cancellation);

    private static Task<Episode> TryAsync(IEnumerable<AIFunction> tools, ActionParsing parsing, params string[] turns) => new EpisodeRunner(
        new ScriptedModel(said => turns[said.Count(message => message.Role == ChatRole.Assistant)]), new ToolSet(tools), new YesNoScorer(),
        new EpisodeOptions { Parsing = parsing }, TimeProvider.System)
        .RunAsync(new TaskQuestion(1, "?", true), [], Cancellation);
}
