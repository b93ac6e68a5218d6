using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Responses;
using Rebound.Server.OpenAi;

namespace Rebound.Server.Tests;

public sealed class ResponsesTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private const string Weather = """
        {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}},
         "required": ["city"], "additionalProperties": false}}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer Server => fixture.Server;

    [Fact]
    public async Task A_response_says_what_a_chat_would()
    {
        var chat = await Server.AskAsync(ChatEndpoint.Path, new JsonObject
        {
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "system", ["content"] = "Be brief." }, new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
            ["temperature"] = 0,
            ["max_tokens"] = 20,
        });
        var response = await Server.AskAsync(
            ResponsesEndpoint.Path, Ask("input", "Hello?", "instructions", "Be brief.", "max_output_tokens", 20));

        Assert.Equal(("response", "incomplete"), ((string?)response["object"], (string?)response["status"]));
        Assert.Equal("max_output_tokens", (string?)response["incomplete_details"]!["reason"]);
        var message = Assert.Single(response["output"]!.AsArray())!;
        Assert.Equal("message", (string?)message["type"]);
        Assert.Equal((string?)chat["choices"]![0]!["message"]!["content"], (string?)message["content"]![0]!["text"]);
        Assert.Equal((int)chat["usage"]!["prompt_tokens"]!, (int)response["usage"]!["input_tokens"]!);
        Assert.Equal(20, (int)response["usage"]!["output_tokens"]!);
    }

    [Fact]
    public async Task A_stream_leads_to_the_whole_response()
    {
        var whole = await Server.AskAsync(ResponsesEndpoint.Path, Ask("input", "Hello?", "max_output_tokens", 20));
        var events = await Server.StreamAsync(ResponsesEndpoint.Path, Ask("input", "Hello?", "max_output_tokens", 20));
        Assert.All([whole, events[^1]["response"]!], response => Assert.Equal(
            ("incomplete", "incomplete"), ((string?)response["status"], (string?)response["output"]![0]!["status"])));

        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(part => (int)part["sequence_number"]!));
        Assert.Equal(
            ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"],
            events.Take(4).Select(part => (string)part["type"]!));
        Assert.Equal(
            ["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.incomplete"],
            events.TakeLast(4).Select(part => (string)part["type"]!));
        var text = (string?)whole["output"]![0]!["content"]![0]!["text"];
        Assert.Equal(text, string.Concat(events.Where(part => (string?)part["type"] == "response.output_text.delta").Select(part => (string?)part["delta"])));
        Assert.Equal(text, (string?)events[^1]["response"]!["output"]![0]!["content"]![0]!["text"]);
        Assert.Equal(20, (int)events[^1]["response"]!["usage"]!["output_tokens"]!);
    }

    [Fact]
    public async Task A_conversation_goes_on_from_a_response_or_from_its_items()
    {
        var tools = new JsonArray(JsonNode.Parse(Weather));
        var first = await Server.AskAsync(
            ResponsesEndpoint.Path, Ask("input", "Rome?", "tools", tools, "tool_choice", "required", "parallel_tool_calls", false));
        var call = Assert.Single(first["output"]!.AsArray())!;
        Assert.Equal(("function_call", "weather"), ((string?)call["type"], (string?)call["name"]));
        var output = new JsonObject { ["type"] = "function_call_output", ["call_id"] = (string?)call["call_id"], ["output"] = "sunny" };

        var byId = await Server.AskAsync(ResponsesEndpoint.Path, Ask(
            "previous_response_id", (string?)first["id"], "input", new JsonArray(output.DeepClone()), "max_output_tokens", 10));
        var byItems = await Server.AskAsync(ResponsesEndpoint.Path, Ask(
            "input", new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Rome?" }, call.DeepClone(), output.DeepClone()),
            "max_output_tokens", 10));
        var lost = await Server.PostAsync(ResponsesEndpoint.Path, Ask("previous_response_id", "resp_none", "input", "x"));
        var notKept = await Server.AskAsync(ResponsesEndpoint.Path, Ask("input", "x", "store", false, "max_output_tokens", 1));
        var after = await Server.PostAsync(
            ResponsesEndpoint.Path, Ask("previous_response_id", (string?)notKept["id"], "input", "x"));

        Assert.Equal((string?)byItems["output"]![0]!["content"]![0]!["text"], (string?)byId["output"]![0]!["content"]![0]!["text"]);
        Assert.Equal((int)byItems["usage"]!["input_tokens"]!, (int)byId["usage"]!["input_tokens"]!);
        Assert.Equal((404, "previous_response_not_found"), (lost.Status, (string?)lost.Body["error"]!["code"]));
        Assert.Equal(404, after.Status);
    }

    [Theory]
    [InlineData("""{}""", "input")]
    [InlineData("""{"input": [3]}""", "input[0]")]
    [InlineData("""{"input": [{"type": "image_generation_call"}]}""", "input[0].type")]
    [InlineData("""{"input": [{"type": "function_call_output"}]}""", "input[0].call_id")]
    [InlineData("""{"input": "x", "tools": [{"type": "web_search"}]}""", "tools[0]")]
    [InlineData("""{"input": "x", "tools": [{"type": "function"}]}""", "tools[0].name")]
    [InlineData("""{"input": "x", "tool_choice": {"type": "allowed_tools", "tools": []}}""", "tool_choice")]
    [InlineData("""{"input": []}""", "input")]
    [InlineData("""{"input": [{"type": "reasoning"}, {"role": "robot", "content": "x"}], "instructions": "x"}""", "input[1].role")]
    [InlineData("""{"input": [{"role": "user", "content": [{"type": "input_image"}]}]}""", "input[0].content[0].type")]
    public async Task What_cannot_be_read_is_refused_by_its_place(string body, string parameter)
    {
        var (status, answer) = await Server.PostAsync(ResponsesEndpoint.Path, JsonNode.Parse(body)!);

        Assert.Equal((400, parameter), (status, (string?)answer["error"]!["param"]));
        Assert.DoesNotContain("messages", (string)answer["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAIs_client_for_responses_reads_and_streams_them()
    {
        var client = new OpenAIClient(
            new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = Server.Endpoint, RetryPolicy = new ClientRetryPolicy(0) })
            .GetResponsesClient();
        var options = new CreateResponseOptions
        {
            Model = ChatFixture.Model,
            Temperature = 0,
            MaxOutputTokenCount = 20,
            InputItems = { ResponseItem.CreateUserMessageItem("Hello?") },
        };

        var whole = (await client.CreateResponseAsync(options, Cancellation)).Value;
        var text = "";
        ResponseResult? last = null;
        options.StreamingEnabled = true;
        await foreach (var update in client.CreateResponseStreamingAsync(options, Cancellation))
        {
            text += update is StreamingResponseOutputTextDeltaUpdate delta ? delta.Delta : "";
            last = update is StreamingResponseIncompleteUpdate end ? end.Response : last;
        }

        Assert.Equal(ResponseStatus.Incomplete, whole.Status);
        Assert.Equal(whole.GetOutputText(), text);
        Assert.Equal(20, last?.Usage.OutputTokenCount);
    }

    private static JsonObject Ask(params object?[] members)
    {
        var request = new JsonObject { ["temperature"] = 0 };
        foreach (var member in members.Chunk(2))
        {
            request[(string)member[0]!] = member[1] as JsonNode ?? JsonValue.Create(member[1]);
        }

        return request;
    }
}
