using System.Text.Json.Nodes;

namespace Rebound.Server.Tests;

/// <summary>Clients of npm, where it has installed them (<c>scripts/node-clients</c>), all asked by one process.</summary>
[Collection(TrainedAgentTestGroup.Name)]
public sealed class NodeClientTests(ChatFixture chat, NodeClientRun run, TrainedAgentFixture agent)
    : IClassFixture<ChatFixture>, IClassFixture<NodeClientRun>
{
    private const string Both = """[["calculate",{"expression":"6-2"}],["calculate",{"expression":"3-2"}]""";

    [Fact]
    public async Task OpenAIs_own_client()
    {
        var said = await SaidAsync("openai");

        Assert.Equal((string?)said["whole"], (string?)said["streamed"]);
        Assert.Equal(12, (int)said["usage"]!["completion_tokens"]!);
        Assert.Equal("weather", (string?)said["call"]!["name"]);
        Assert.Matches("^\\{\"city\": \"(Paris|Rome)\"\\}$", (string?)said["call"]!["arguments"]);
        Assert.Equal((string?)said["call"]!["arguments"], (string?)said["streamedCall"]);
        Assert.Matches("^(yes|no)$", (string?)said["parsed"]!["answer"]);
        Assert.Equal((string?)said["whole"], (string?)said["response"]);
        Assert.Equal((string?)said["whole"], (string?)said["streamedResponse"]);
        Assert.Equal(["agent", "agent:negative", "agent:none", "agent:raw"], said["models"]!.AsArray().Select(name => (string)name!));
        Assert.Equal("context_length_exceeded", (string?)said["error"]!["code"]);
        CheckEnds(said);
    }

    [Theory]
    [InlineData("aiSdk", ",[\"finish\",{\"answer\":\"4 1\"}]]")]
    [InlineData("langchain", "]")]
    public async Task Vercels_AI_SDK_and_LangChain(string client, string afterBoth)
    {
        var said = await SaidAsync(client);

        Assert.Equal((string?)said["whole"], (string?)said["streamed"]);
        Assert.Equal(("length", 12), ((string?)said["finish"], (int)said["outputTokens"]!));
        CheckCalls(said, afterBoth);
        Assert.Equal(said["parsedByCall"] is null, client == "aiSdk");
        Assert.True(client == "aiSdk" || said["named"]!.ToJsonString() == "[[\"time\",{}]]", "A function by its name is called.");
        CheckEnds(said);
    }

    [Theory]
    [InlineData("chats")]
    [InlineData("responses")]
    public async Task OpenAIs_agents(string over)
    {
        var said = (await SaidAsync("openaiAgents"))[over]!;

        Assert.Equal((string?)said["whole"], (string?)said["streamed"]);
        Assert.Equal("4", (string?)said["answer"]);
        CheckCalls(said, ",[\"finish\",{\"answer\":\"4 1\"}]]");
        CheckEnds(said);
    }

    private static void CheckCalls(JsonNode said, string afterBoth)
    {
        Assert.Equal("""[["calculate",{"expression":"6-2"}],["finish",{"answer":"4"}]]""", said["calls"]!.ToJsonString());
        Assert.Equal(Both + afterBoth, said["parallel"]!.ToJsonString());
        Assert.Equal("""[["time",{}]]""", said["none"]!.ToJsonString());
        Assert.Matches("^(yes|no)$", (string?)said["parsed"]!["answer"]);
    }

    private static void CheckEnds(JsonNode said)
    {
        Assert.Equal(400, (int)said["error"]!["status"]!);
        Assert.Contains("takes at most 4096", (string?)said["error"]!["message"]);
        Assert.True((bool)said["aborted"]!);
    }

    private async Task<JsonNode> SaidAsync(string client)
    {
        var said = (await run.SaidAsync(chat.Server.Endpoint, agent.Server.Endpoint))[client]!;
        Assert.True(said["failed"] is null, (string?)said["failed"]);
        return said;
    }
}
