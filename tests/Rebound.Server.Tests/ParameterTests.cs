using System.Text.Json.Nodes;
using Rebound.Server.OpenAi;

namespace Rebound.Server.Tests;

/// <summary>Every member that clients are known to send: it works, is refused by its name, or has no effect and is noted once.</summary>
public sealed class ParameterTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private RunningServer Server => fixture.Server;

    [Theory]
    [InlineData("frequency_penalty", "0.5")]
    [InlineData("presence_penalty", "0.5")]
    [InlineData("repetition_penalty", "1.1")]
    [InlineData("logit_bias", """{"65": -5}""")]
    [InlineData("logprobs", "true")]
    [InlineData("max_completion_tokens", "3")]
    [InlineData("n", "2")]
    [InlineData("response_format", """{"type": "text"}""")]
    [InlineData("seed", "7")]
    [InlineData("stop", """["x"]""")]
    [InlineData("stream_options", """{"include_usage": true}""")]
    [InlineData("top_p", "0.9")]
    [InlineData("top_k", "-1")]
    [InlineData("min_p", "0.1")]
    [InlineData("tools", "[]")]
    [InlineData("tool_choice", "\"none\"")]
    [InlineData("parallel_tool_calls", "true")]
    [InlineData("stop_token_ids", "[65]")]
    [InlineData("ignore_eos", "true")]
    [InlineData("min_tokens", "2")]
    [InlineData("allowed_token_ids", "[65, 66]")]
    [InlineData("bad_words", """["A"]""")]
    [InlineData("chat_template_kwargs", """{"shout": true}""")]
    [InlineData("return_token_ids", "true")]
    [InlineData("return_tokens_as_token_ids", "true")]
    [InlineData("guided_json", """{"type": "integer", "minimum": 0, "maximum": 9}""")]
    [InlineData("guided_regex", "\"[ab]+\"")]
    [InlineData("guided_choice", """["a", "b"]""")]
    [InlineData("guided_grammar", "\"root ::= [a-c]+\"")]
    [InlineData("grammar", "\"root ::= [a-c]+\"")]
    [InlineData("structured_outputs", """{"grammar": "root ::= \"a\" root | \"b\""}""")]
    [InlineData("structured_outputs", """{"json": {"type": "boolean"}}""")]
    [InlineData("structured_outputs", """{"regex": "a+", "choice": null}""")]
    public Task A_member_that_works_is_not_noted(string member, string value) => CheckTakenAsync(member, value, isNoted: false);

    [Theory]
    [InlineData("user", "\"me\"")]
    [InlineData("priority", "1")]
    [InlineData("cache_salt", "\"salt\"")]
    [InlineData("reasoning_effort", "\"low\"")]
    [InlineData("metadata", "{}")]
    [InlineData("store", "false")]
    [InlineData("service_tier", "\"auto\"")]
    [InlineData("mm_processor_kwargs", "{}")]
    public Task A_member_without_effect_is_noted_once(string member, string value) => CheckTakenAsync(member, value, isNoted: true);

    [Theory]
    [InlineData("add_generation_prompt", "true", "false")]
    [InlineData("continue_final_message", "false", "true")]
    [InlineData("include_stop_str_in_output", "false", "true")]
    [InlineData("skip_special_tokens", "true", "false")]
    [InlineData("use_beam_search", "false", "true")]
    [InlineData("length_penalty", "1.0", "2")]
    [InlineData("prompt_logprobs", "null", "1")]
    [InlineData("chat_template", "null", "\"{{ messages }}\"")]
    [InlineData("structural_tag", "null", "\"x\"")]
    [InlineData("structured_outputs", "null", """{"structural_tag": "x"}""")]
    public async Task What_cannot_be_kept_to_is_refused_by_its_name_and_taken_where_it_asks_for_nothing(string member, string usual, string other)
    {
        await CheckTakenAsync(member, usual, isNoted: false);
        var (status, body) = await Server.PostAsync(ChatEndpoint.Path, Ask(member, other));

        Assert.Equal((400, member), (status, (string?)body["error"]!["param"]));
        Assert.Contains($"'{member}'", (string?)body["error"]!["message"]);
    }

    [Fact]
    public async Task Tokens_come_as_min_tokens_allowed_token_ids_and_bad_words_say()
    {
        // A model of bytes: 65 to 67 are A to C; the turn's end is likely at once by its bias.
        JsonObject Biased(params (string Name, string Value)[] members) => Ask(
            [("logit_bias", """{"257": 50, "65": 20, "66": 10}"""), ("return_token_ids", "true"), ("max_tokens", "8"), .. members]);

        Assert.Equal([257], Ids(await AskAsync(Biased())));
        Assert.Equal([65, 65, 65, 257], Ids(await AskAsync(Biased(("min_tokens", "3")))));
        Assert.Equal([66, 66, 257], Ids(await AskAsync(Biased(("min_tokens", "2"), ("allowed_token_ids", "[66, 67]")))));
        Assert.Equal([66, 66, 257], Ids(await AskAsync(Biased(("min_tokens", "2"), ("bad_words", """["A"]""")))));
        Assert.Equal([65, 66, 65, 66, 257], Ids(await AskAsync(Biased(("min_tokens", "4"), ("bad_words", """["AA", "BB"]""")))));
    }

    [Theory]
    [InlineData("min_tokens", "-1")]
    [InlineData("allowed_token_ids", "[]")]
    [InlineData("allowed_token_ids", "[258]")]
    [InlineData("bad_words", """[""]""")]
    [InlineData("guided_regex", "3")]
    [InlineData("guided_regex", "\"(a\"")]
    [InlineData("guided_choice", "[]")]
    [InlineData("guided_choice", "[3]")]
    [InlineData("guided_grammar", "3")]
    [InlineData("guided_grammar", "\"root ::= x\"")]
    [InlineData("grammar", "\"root ::= root\"")]
    public async Task What_is_out_of_range_is_refused(string member, string value) =>
        Assert.Equal(
            (400, member), (await Server.PostAsync(ChatEndpoint.Path, Ask(member, value))) is var (status, body)
                ? (status, (string?)body["error"]!["param"])
                : default);

    [Fact]
    public async Task Forms_by_other_servers_names_hold_and_tokens_are_told_by_their_ids()
    {
        var digit = await AskAsync(Ask("guided_json", """{"type": "integer", "minimum": 0, "maximum": 9}"""));
        var truth = await AskAsync(Ask("structured_outputs", """{"json": "{\"type\": \"boolean\"}"}"""));
        var told = await AskAsync(Ask([("logprobs", "true"), ("top_logprobs", "1"), ("return_tokens_as_token_ids", "true"), ("return_token_ids", "true")]));

        var pattern = await AskAsync(Ask([("structured_outputs", """{"regex": "[A-Z]{2}-\\d{3}"}"""), ("max_tokens", "20")]));
        var choice = await AskAsync(Ask([("guided_choice", """["red", "blue"]"""), ("max_tokens", "20")]));
        var completed = await Server.AskAsync(
            CompletionEndpoint.Path, JsonNode.Parse("""{"prompt": "A", "max_tokens": 20, "structured_outputs": {"choice": ["red"]}}""")!);
        var responded = await Server.AskAsync(
            ResponsesEndpoint.Path, JsonNode.Parse("""{"input": "A", "max_output_tokens": 20, "guided_regex": "x{5}"}""")!);
        var nested = await AskAsync(Ask([("structured_outputs", """{"grammar": "root ::= \"<\" root \">\" | [xy]{2}"}"""), ("max_tokens", "80")]));
        var (status, both) = await Server.PostAsync(ChatEndpoint.Path, Ask([("guided_regex", "\"a\""), ("guided_choice", """["a"]""")]));

        Assert.Matches("^[A-Z]{2}-[0-9]{3}$", (string?)pattern["message"]!["content"]);
        Assert.Equal("stop", (string?)pattern["finish_reason"]);
        Assert.Matches("^(?<open><)*[xy]{2}(?<-open>>)*(?(open)!)$", (string?)nested["message"]!["content"]);
        Assert.Matches("^(red|blue)$", (string?)choice["message"]!["content"]);
        Assert.Equal(("red", "stop"), ((string?)completed["choices"]![0]!["text"], (string?)completed["choices"]![0]!["finish_reason"]));
        Assert.Equal("xxxxx", (string?)responded["output"]![0]!["content"]![0]!["text"]);
        Assert.Equal((400, "guided_choice"), (status, (string?)both["error"]!["param"]));
        Assert.Matches("^[0-9]$", (string?)digit["message"]!["content"]);
        Assert.Matches("^(true|false)$", (string?)truth["message"]!["content"]);
        Assert.Equal(
            Ids(told).Select(id => $"token_id:{id}"), told["logprobs"]!["content"]!.AsArray().Select(token => (string)token!["token"]!));
    }

    private static IEnumerable<int> Ids(JsonNode choice) => choice["token_ids"]!.AsArray().Select(id => (int)id!);

    private static JsonObject Ask(string member, string value) => Ask([(member, value)]);

    private static JsonObject Ask((string Name, string Value)[] members)
    {
        var request = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
            ["temperature"] = 0,
            ["max_tokens"] = 4,
        };
        foreach (var (name, value) in members)
        {
            request[name] = JsonNode.Parse(value);
        }

        return request;
    }

    private async Task<JsonNode> AskAsync(JsonObject request) => (await Server.AskAsync(ChatEndpoint.Path, request))["choices"]![0]!;

    private async Task CheckTakenAsync(string member, string value, bool isNoted)
    {
        for (var i = 0; i < 2; i++)
        {
            await Server.AskAsync(ChatEndpoint.Path, Ask(member, value));
        }

        Assert.Equal(isNoted ? 1 : 0, Server.Notes.Count(note => note.Contains($"'{member}'", StringComparison.Ordinal)));
    }
}
