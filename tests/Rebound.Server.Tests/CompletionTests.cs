using System.Text.Json.Nodes;
using Rebound.Server.OpenAi;

namespace Rebound.Server.Tests;

public sealed class CompletionTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private RunningServer Server => fixture.Server;

    [Fact]
    public async Task A_text_and_its_tokens_are_gone_on_with_alike()
    {
        var tokens = (await Server.AskAsync(TokenizeEndpoint.Path, new JsonObject { ["prompt"] = "Once" }))["tokens"]!;

        var ofText = await Server.AskAsync(CompletionEndpoint.Path, Ask("prompt", "Once"));
        var ofTokens = await Server.AskAsync(CompletionEndpoint.Path, Ask("prompt", tokens.DeepClone()));
        var events = await Server.StreamAsync(CompletionEndpoint.Path, Ask("prompt", "Once", "echo", true));

        var text = (string)ofText["choices"]![0]!["text"]!;
        Assert.Equal("text_completion", (string?)ofText["object"]);
        Assert.Equal(text, (string?)ofTokens["choices"]![0]!["text"]);
        Assert.Equal("Once" + text, string.Concat(events.Select(chunk => (string?)chunk["choices"]![0]!["text"])));
        Assert.Equal("length", (string?)events[^1]["choices"]![0]!["finish_reason"]);
        Assert.Equal(16, (int)ofText["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Several_prompts_are_answered_in_their_order()
    {
        var answer = await Server.AskAsync(
            CompletionEndpoint.Path, Ask("prompt", new JsonArray("A", "B"), "n", 2, "temperature", 1, "seed", 1, "echo", true));
        var one = await Server.AskAsync(
            CompletionEndpoint.Path, Ask("prompt", "A", "n", 2, "temperature", 1, "seed", 1, "echo", true));

        var texts = answer["choices"]!.AsArray().Select(choice => (string)choice!["text"]!).ToArray();
        Assert.Equal(['A', 'A', 'B', 'B'], texts.Select(text => text[0]));
        Assert.Equal(4, texts.Distinct().Count());
        Assert.Equal(one["choices"]!.AsArray().Select(choice => (string)choice!["text"]!), texts[..2]);
    }

    [Fact]
    public async Task Log_probabilities_have_the_older_form()
    {
        var answer = await Server.AskAsync(
            CompletionEndpoint.Path, Ask("prompt", "Once", "logprobs", 2, "logit_bias", new JsonObject { ["65"] = 100 }, "max_tokens", 3));

        var logprobs = answer["choices"]![0]!["logprobs"]!;
        Assert.Equal(["A", "A", "A"], logprobs["tokens"]!.AsArray().Select(token => (string)token!));
        Assert.Equal([0, 1, 2], logprobs["text_offset"]!.AsArray().Select(offset => (int)offset!));
        Assert.All(logprobs["token_logprobs"]!.AsArray(), value => Assert.True((double)value! < 0));
        Assert.All(logprobs["top_logprobs"]!.AsArray(), likely => Assert.InRange(likely!.AsObject().Count, 1, 2));
    }

    [Theory]
    [InlineData("""{"prompt": 3}""", "prompt")]
    [InlineData("""{"prompt": []}""", "prompt")]
    [InlineData("""{"prompt": [999]}""", "prompt")]
    [InlineData("""{"prompt": ""}""", "prompt")]
    [InlineData("""{"prompt": "x", "suffix": "y"}""", "suffix")]
    [InlineData("""{"prompt": "x", "best_of": 3}""", "best_of")]
    public async Task What_cannot_be_gone_on_with_is_refused(string body, string parameter)
    {
        var (status, answer) = await Server.PostAsync(CompletionEndpoint.Path, JsonNode.Parse(body)!);

        Assert.Equal((400, parameter), (status, (string?)answer["error"]!["param"]));
    }

    [Fact]
    public async Task Texts_and_conversations_become_tokens_and_tokens_text()
    {
        var text = await Server.AskAsync(TokenizeEndpoint.Path, new JsonObject { ["prompt"] = "Aé", ["return_token_strs"] = true });
        var chat = await Server.AskAsync(TokenizeEndpoint.Path, new JsonObject
        {
            ["model"] = "agent:negative",
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
        });
        var back = await Server.AskAsync(TokenizeEndpoint.BackPath, new JsonObject { ["tokens"] = chat["tokens"]!.DeepClone() });
        var neither = await Server.PostAsync(TokenizeEndpoint.Path, new JsonObject());

        Assert.Equal([65, 195, 169], text["tokens"]!.AsArray().Select(token => (int)token!));
        Assert.Equal((3, 4096), ((int)text["count"]!, (int)text["max_model_len"]!));
        Assert.Equal("A", (string?)text["token_strs"]![0]);
        Assert.Contains("[bad] Q: Hello?", (string?)back["prompt"]);
        Assert.Equal(400, neither.Status);
    }

    [Fact]
    public async Task The_document_of_all_endpoints_names_what_they_take()
    {
        var document = JsonNode.Parse(
            await Server.Http.GetStringAsync(Endpoints.DocumentPath.TrimStart('/'), TestContext.Current.CancellationToken))!;

        Assert.Equal("Rebound", (string?)document["info"]!["title"]);
        foreach (var path in new[] { ChatEndpoint.Path, CompletionEndpoint.Path, ResponsesEndpoint.Path, TokenizeEndpoint.Path })
        {
            Assert.NotNull(document["paths"]![path]!["post"]!["requestBody"]);
        }

        Assert.NotNull(document["components"]!["schemas"]!["ChatRequest"]!["properties"]!["max_completion_tokens"]);
    }

    private static JsonObject Ask(params object[] members)
    {
        var request = new JsonObject { ["temperature"] = 0 };
        foreach (var member in members.Chunk(2))
        {
            request[(string)member[0]] = member[1] as JsonNode ?? JsonValue.Create(member[1]);
        }

        return request;
    }
}
