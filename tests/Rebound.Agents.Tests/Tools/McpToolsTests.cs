using ModelContextProtocol.Server;
using Rebound.Agents.Tools;
using Rebound.Testing;

namespace Rebound.Agents.Tests.Tools;

public sealed class McpToolsTests
{
    [Fact]
    public async Task Tools_of_a_server_are_called_with_text_or_json()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = new PipedServer(
            McpServerTool.Create(
                (string text) => text.ToUpperInvariant(), new McpServerToolCreateOptions { Name = "shout", Description = "shouts" }),
            McpServerTool.Create((int a, int b) => a + b, new McpServerToolCreateOptions { Name = "add" }),
            McpServerTool.Create((int count, string unit = "m") => $"{count} {unit}", new McpServerToolCreateOptions { Name = "measure" }));
        await using var connected = await McpTools.ConnectAsync(server.Transport, "test", cancellation: cancellation);
        var tools = new ToolSet(connected.Tools);

        Assert.Equal("shouts", tools.Find("shout")!.Description);
        Assert.Equal("HELLO [THERE]", await tools.Find("shout")!.ActAsync("hello [there]", cancellation));
        Assert.Equal("HI", await tools.Find("shout")!.ActAsync("""{"text": "hi"}""", cancellation));
        Assert.Equal("5", await tools.Find("add")!.ActAsync("""{"a": 2, "b": 3}""", cancellation));
        Assert.Equal("7 m", await tools.Find("measure")!.ActAsync("7", cancellation));
        Assert.Contains(
            "a, b", (await Assert.ThrowsAsync<ToolArgumentException>(() => tools.Find("add")!.ActAsync("2 and 3", cancellation))).Message);
        Assert.StartsWith("Error: ", await tools.Find("measure")!.ActAsync("seven", cancellation));
    }

    [Fact]
    public async Task A_server_that_cannot_be_started_is_a_tool_error() => Assert.Contains(
        "/no/such/server",
        (await Assert.ThrowsAsync<ToolServerException>(() =>
            McpTools.StartAsync("/no/such/server", [], cancellation: TestContext.Current.CancellationToken))).Message);

    [Fact]
    public async Task A_silent_server_is_given_up()
    {
        var limits = new McpLimits { StartPatience = TimeSpan.FromSeconds(1), CallPatience = TimeSpan.FromSeconds(1) };
        await using var silent = new HostileServer((_, _) => null);
        await using var untold = new HostileServer((method, _) => method == "tools/list" ? null : HostileServer.Usual(method));
        await using var slow = new HostileServer((method, _) => method == "tools/call" ? null : HostileServer.Usual(method));
        await using var connected = await McpTools.ConnectAsync(slow.Transport, "slow", limits, Cancellation);

        Assert.Contains("did not tell its tools within 1 s", await Refused(silent, limits));
        Assert.Contains("did not tell its tools within 1 s", await Refused(untold, limits));
        Assert.Contains(
            "the tool shout gave no answer within 1 s",
            (await Assert.ThrowsAsync<ToolException>(() => connected.Tools[0].ActAsync("x", Cancellation))).Message);
    }

    [Theory]
    [InlineData("""{"tools": [], "nextCursor": "more"}""")]
    [InlineData("""{"tools": [{"name": "again", "inputSchema": {"type": "object"}}], "nextCursor": "more"}""")]
    public async Task A_list_of_tools_without_end_is_given_up(string page)
    {
        await using var server = new HostileServer((method, _) => method == "tools/list" ? page : HostileServer.Usual(method));

        Assert.Contains("its list of tools does not end: 100 pages", await Refused(server));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"tools": 5}""")]
    [InlineData("""{"tools": [5]}""")]
    [InlineData("""{"tools": [{"name": 5}]}""")]
    [InlineData("""{"tools": [{"name": "x", "inputSchema": []}]}""")]
    [InlineData("""{"tools": [{"name": "x", "inputSchema": {"type": "object"}}], "nextCursor": {}}""")]
    public async Task Tools_of_wrong_types_are_a_tool_error(string tools)
    {
        await using var server = new HostileServer((method, _) => method == "tools/list" ? tools : HostileServer.Usual(method));

        Assert.StartsWith("the tool server hostile cannot be used: ", await Refused(server));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("""{"protocolVersion": 7}""")]
    [InlineData("""{"protocolVersion": "2025-06-18", "capabilities": 1, "serverInfo": []}""")]
    public async Task A_greeting_of_wrong_types_is_a_tool_error(string greeting)
    {
        await using var server = new HostileServer((method, _) => method == "initialize" ? greeting : HostileServer.Usual(method));

        Assert.StartsWith("the tool server hostile cannot be used: ", await Refused(server));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("""{"content": 5}""")]
    [InlineData("""{"content": [5]}""")]
    [InlineData("""{"content": [{"type": 5}]}""")]
    [InlineData("""{"content": [{"type": "text", "text": 5}]}""")]
    [InlineData("""{"content": [{"type": "text", "text": "x"}], "isError": "no"}""")]
    public async Task A_result_of_wrong_types_is_a_tool_error(string result)
    {
        await using var server = new HostileServer((method, _) => method == "tools/call" ? result : HostileServer.Usual(method));
        await using var connected = await McpTools.ConnectAsync(server.Transport, "hostile", cancellation: Cancellation);

        await Assert.ThrowsAsync<ToolException>(() => connected.Tools[0].ActAsync("x", Cancellation));
    }

    [Theory]
    [InlineData("""{"type": "object", "properties": 5}""")]
    [InlineData("""{"type": "object", "properties": {"a": 5, "b": {}}, "required": "a"}""")]
    [InlineData("""{"type": "object", "properties": {"a": {}, "b": {}}, "required": [5]}""")]
    public async Task A_schema_of_wrong_types_tells_no_arguments(string schema)
    {
        await using var server = new HostileServer((method, _) => method == "tools/list"
            ? $$"""{"tools": [{"name": "x", "inputSchema": {{schema}}}]}"""
            : HostileServer.Usual(method));
        await using var connected = await McpTools.ConnectAsync(server.Transport, "hostile", cancellation: Cancellation);

        await Assert.ThrowsAsync<ToolArgumentException>(() => connected.Tools[0].ActAsync("x", Cancellation));
    }

    [Theory]
    [InlineData("yes abcdefgh | tr -d '\\n'", "a message of the server is longer than 1 MiB without the end of a line")]
    [InlineData("echo no key >&2; exit 3", "cannot be used: it ended with exit code 3. It last wrote:\n  no key")]
    [InlineData("yes nonsense", "cannot be used")]
    [InlineData("trap '' TERM; sleep 60", "did not tell its tools within")]
    public async Task A_process_that_is_no_server_is_ended(string script, string said)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The scripts are those of a POSIX shell.");
        }

        var limits = new McpLimits { StartPatience = TimeSpan.FromSeconds(3), LongestMessage = 1 << 20 };
        var error = await Assert.ThrowsAsync<ToolServerException>(() =>
            McpTools.StartAsync("sh", ["-c", script], new McpStartOptions { Limits = limits }, Cancellation));

        Assert.Contains(said, error.Message);
    }

    [Theory]
    [InlineData("application/json", "{\"jsonrpc\": \"2.0\",\n")]
    [InlineData("text/event-stream", "data: ")]
    public async Task An_answer_over_http_without_end_is_given_up(string kind, string beginning)
    {
        var limits = new McpLimits { StartPatience = TimeSpan.FromSeconds(20), LongestMessage = 1 << 20 };
        await using var server = new LocalServer((_, context) =>
            LocalServer.SayWithoutEnd(context, kind, beginning, new string(' ', 10_000)));

        var error = await Assert.ThrowsAsync<ToolServerException>(() => McpTools.ConnectAsync(server.Address, limits, Cancellation));

        Assert.StartsWith($"the tool server {server.Address} cannot be used: ", error.Message);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<string> Refused(HostileServer server, McpLimits? limits = null) =>
        (await Assert.ThrowsAsync<ToolServerException>(() =>
            McpTools.ConnectAsync(server.Transport, "hostile", limits, Cancellation))).Message;
}
