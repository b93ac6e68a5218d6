using System.Text.Json.Nodes;
using Rebound.Inference.Chat;
using Rebound.Jinja;
using Rebound.Server.OpenAi;
using Rebound.Trajectories.Rendering;

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
    [InlineData("stream_options", """{"include_usage": true, "include_obfuscation": false}""")]
    [InlineData("stop", null)]
    [InlineData("temperature", "1")]
    [InlineData("max_tokens", "3")]
    [InlineData("top_logprobs", null)]
    [InlineData("add_generation_prompt", "true")]
    [InlineData("add_generation_prompt", "false")]
    [InlineData("continue_final_message", "false")]
    [InlineData("echo", "true")]
    [InlineData("include_stop_str_in_output", "true")]
    [InlineData("skip_special_tokens", "false")]
    [InlineData("prompt_logprobs", "1")]
    [InlineData("guidance", "0.5")]
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
    public Task A_member_that_works_is_not_noted(string member, string? value) => CheckTakenAsync(member, value, isNoted: false);

    [Theory]
    [InlineData("user", "\"me\"")]
    [InlineData("priority", "1")]
    [InlineData("cache_salt", "\"salt\"")]
    [InlineData("reasoning_effort", "\"low\"")]
    [InlineData("metadata", "{}")]
    [InlineData("store", "false")]
    [InlineData("service_tier", "\"auto\"")]
    [InlineData("mm_processor_kwargs", "{}")]
    [InlineData("spaces_between_special_tokens", "true")]
    [InlineData("prediction", "{}")]
    [InlineData("verbosity", "\"low\"")]
    [InlineData("prompt_cache_key", "\"key\"")]
    [InlineData("safety_identifier", "\"me\"")]
    public Task A_member_without_effect_is_noted_once(string member, string value) => CheckTakenAsync(member, value, isNoted: true);

    [Theory]
    [InlineData("use_beam_search", "false", "true")]
    [InlineData("early_stopping", "false", "true")]
    [InlineData("length_penalty", "1.0", "2")]
    [InlineData("best_of", "1", "2")]
    [InlineData("chat_template", "null", "\"{{ messages }}\"")]
    [InlineData("enable_thinking", "null", "false")]
    [InlineData("thinking", "null", """{"type": "disabled"}""")]
    [InlineData("thinking_token_budget", "null", "100")]
    [InlineData("include_reasoning", "true", "false")]
    [InlineData("documents", "[]", """[{"text": "x"}]""")]
    [InlineData("functions", "[]", """[{"name": "x"}]""")]
    [InlineData("function_call", "null", "\"auto\"")]
    [InlineData("modalities", """["text"]""", """["text", "audio"]""")]
    [InlineData("audio", "{}", """{"voice": "x"}""")]
    [InlineData("web_search_options", "null", """{"search_context_size": "low"}""")]
    [InlineData("truncate_prompt_tokens", "null", "100")]
    [InlineData("logits_processors", "[]", """["x"]""")]
    [InlineData("typical_p", "1", "0.5")]
    [InlineData("tfs_z", "1", "0.5")]
    [InlineData("top_a", "0", "0.5")]
    [InlineData("top_n_sigma", "-1", "1")]
    [InlineData("mirostat", "0", "2")]
    [InlineData("dynatemp_range", "0", "0.5")]
    [InlineData("dry_multiplier", "0", "0.8")]
    [InlineData("xtc_probability", "0", "0.5")]
    [InlineData("repeat_penalty", "1", "1.1")]
    [InlineData("n_predict", "null", "5")]
    [InlineData("max_new_tokens", "null", "5")]
    [InlineData("min_new_tokens", "0", "5")]
    [InlineData("stop_regex", "null", "\"x+\"")]
    [InlineData("lora", "[]", """[{"id": 0, "scale": 1}]""")]
    [InlineData("lora_path", "null", "\"x\"")]
    [InlineData("lora_request", "null", """{"lora_name": "x"}""")]
    [InlineData("ebnf", "null", "\"root ::= x\"")]
    [InlineData("regex", "null", "\"x+\"")]
    [InlineData("json_schema", "{}", """{"type": "string"}""")]
    [InlineData("structural_tag", "null", "\"x\"")]
    [InlineData("structured_outputs", "null", """{"structural_tag": "x"}""")]
    [InlineData("response_format", "null", """{"type": "structural_tag"}""")]
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

    [Fact]
    public async Task Texts_have_what_stops_them_and_special_tokens_where_they_are_to()
    {
        // Tokens 256 and 257 are special, and 257 ends a turn.
        async Task<(string?, string?)> Says(string bias, params (string Name, string Value)[] members)
        {
            var request = Ask([("logit_bias", bias), .. members]);
            var (whole, events) = (await AskAsync(request), await Server.StreamAsync(ChatEndpoint.Path, request.DeepClone().AsObject()));
            var text = (string?)whole["message"]!["content"];
            Assert.Equal(text, string.Concat(events.Select(part => (string?)part["choices"]![0]!["delta"]!["content"])));
            return (text, (string?)whole["finish_reason"]);
        }

        const string As = """{"65": 100}""";
        const string Starts = """{"256": 100}""";
        const string Ends = """{"257": 100}""";
        var shows = ("include_stop_str_in_output", "true");
        var special = ("skip_special_tokens", "false");
        Assert.Equal(("AAAA", "length"), await Says(As));
        Assert.Equal(("", "stop"), await Says(As, ("stop", """["AAA", "AA"]""")));
        Assert.Equal(("AA", "stop"), await Says(As, ("stop", """["AAA", "AA"]"""), shows));
        Assert.Equal(("", "stop"), await Says(As, ("stop_token_ids", "[65]")));
        Assert.Equal(("A", "stop"), await Says(As, ("stop_token_ids", "[65]"), shows));
        Assert.Equal(("", "length"), await Says(Starts));
        Assert.Equal(("<|im_start|><|im_start|><|im_start|><|im_start|>", "length"), await Says(Starts, special));
        Assert.Equal(("", "stop"), await Says(Ends));
        Assert.Equal(("", "stop"), await Says(Ends, special));
        Assert.Equal(("", "stop"), await Says(Ends, shows));
        Assert.Equal(("<|im_end|>", "stop"), await Says(Ends, shows, special));
        Assert.Equal(("", "length"), await Says(Ends, ("ignore_eos", "true")));
    }

    [Fact]
    public async Task Completions_and_responses_take_them_too()
    {
        var completion = await Server.AskAsync(CompletionEndpoint.Path, JsonNode.Parse("""
            {"prompt": [65, 256], "max_tokens": 4, "logit_bias": {"256": 100}, "stop": "t|><", "include_stop_str_in_output": true,
             "skip_special_tokens": false, "echo": true}
            """)!);
        var response = await Server.AskAsync(ResponsesEndpoint.Path, JsonNode.Parse("""
            {"input": "A", "max_output_tokens": 4, "temperature": 0, "logit_bias": {"257": 100}, "include_stop_str_in_output": true,
             "skip_special_tokens": false, "return_token_ids": true, "return_tokens_as_token_ids": true,
             "include": ["message.output_text.logprobs"]}
            """)!);
        var (status, several) = await Server.PostAsync(ResponsesEndpoint.Path, JsonNode.Parse("""{"input": "A", "n": 2}""")!);

        Assert.Equal("A<|im_start|><|im_start|><", (string?)completion["choices"]![0]!["text"]);
        var text = response["output"]![0]!["content"]![0]!;
        Assert.Equal(("<|im_end|>", "token_id:257"), ((string?)text["text"], (string?)text["logprobs"]![0]!["token"]));
        Assert.Equal([257], Ids(response));
        Assert.Equal((int)response["usage"]!["input_tokens"]!, response["prompt_token_ids"]!.AsArray().Count);
        Assert.Equal((400, "n"), (status, (string?)several["error"]!["param"]));
    }

    [Theory]
    [InlineData("truncation", "\"disabled\"", 200)]
    [InlineData("truncation", "\"auto\"", 200)]
    [InlineData("reasoning", """{"effort": "low", "summary": "auto"}""", 200)]
    [InlineData("reasoning", """{"effort": "huge"}""", 400)]
    [InlineData("background", "true", 400)]
    [InlineData("conversation", "\"conv_1\"", 400)]
    [InlineData("prompt", """{"id": "pmpt_1"}""", 400)]
    [InlineData("add_generation_prompt", "false", 400)]
    [InlineData("echo", "true", 400)]
    public async Task A_response_takes_or_refuses_what_it_alone_is_asked_for(string member, string value, int expected)
    {
        var request = new JsonObject { ["input"] = "A", ["max_output_tokens"] = 1, [member] = JsonNode.Parse(value) };

        var (status, body) = await Server.PostAsync(ResponsesEndpoint.Path, request);

        Assert.Equal(expected, status);
        Assert.Equal(expected == 200 ? null : member == "reasoning" ? "reasoning_effort" : member, (string?)body["error"]?["param"]);
    }

    [Theory]
    [InlineData("{{ reasoning_effort }}", "high", """{"reasoning_effort":"high"}""")]
    [InlineData("{{ reasoning_effort }}{{ enable_thinking }}", "none", """{"reasoning_effort":"none"}""")]
    [InlineData("{{ enable_thinking }}", "none", """{"enable_thinking":false}""")]
    [InlineData("{{ enable_thinking }}", "high", null)]
    [InlineData("{{ messages }}", "none", null)]
    public void An_effort_is_told_to_a_template_that_takes_it(string template, string effort, string? expected)
    {
        var renderer = new ChatTemplateRenderer(ChatTemplate.Parse(template), Server.Models.Default.Tokenizer, "", "");

        var variables = ReasoningEffort.Variables(new ChatRequest { ReasoningEffort = effort }, new ChatProfile(null, renderer, []));

        Assert.Equal(expected, variables?.ToJsonString());
    }

    [Fact]
    public async Task Usage_comes_with_every_event_where_it_is_to()
    {
        var request = Ask("stream_options", """{"include_usage": true, "continuous_usage_stats": true}""");
        var events = await Server.StreamAsync(ChatEndpoint.Path, request);

        var counts = events.Select(part => (int)part["usage"]!["completion_tokens"]!).ToArray();
        Assert.Equal(counts.Order(), counts);
        Assert.Equal(4, counts[^1]);
        Assert.Empty(events[^1]["choices"]!.AsArray());
        Assert.All(await Server.StreamAsync(ChatEndpoint.Path, Ask([])), part => Assert.Null(part["usage"]));
    }

    [Fact]
    public async Task Filters_and_penalties_decide_what_is_drawn()
    {
        async Task<string?> Text(params (string Name, string Value)[] members) =>
            (string?)(await AskAsync(Ask([("temperature", "1"), ("seed", "3"), ("max_tokens", "12"), .. members])))["message"]!["content"];

        var greedy = await Text(("temperature", "0"));
        var drawn = await Text();
        Assert.NotEqual(greedy, drawn);
        Assert.Equal(greedy, await Text(("top_k", "1")));
        Assert.Equal(greedy, await Text(("top_p", "0")));
        Assert.Equal(greedy, await Text(("min_p", "1")));
        Assert.Equal("AAAA", await Text(("logit_bias", """{"65": 100}"""), ("max_tokens", "4")));
        Assert.Equal("ABAB", await Text(("logit_bias", """{"65": 100, "66": 80}"""), ("frequency_penalty", "30"), ("max_completion_tokens", "4")));
        Assert.Equal("ABAA", await Text(("logit_bias", """{"65": 100, "66": 90}"""), ("repetition_penalty", "1.5"), ("max_tokens", "4")));
        Assert.Equal("ABAA", await Text(("logit_bias", """{"65": 100, "66": 80}"""), ("presence_penalty", "30"), ("max_tokens", "4")));
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
    [InlineData("reasoning_effort", "\"huge\"")]
    [InlineData("prompt_logprobs", "21")]
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

    private static JsonObject Ask(string member, string? value) => Ask([(member, value)]);

    private static JsonObject Ask((string Name, string? Value)[] members)
    {
        var request = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
            ["temperature"] = 0,
            ["max_tokens"] = 4,
        };
        foreach (var (name, value) in members)
        {
            request[name] = value is null ? null : JsonNode.Parse(value);
        }

        return request;
    }

    private async Task<JsonNode> AskAsync(JsonObject request) => (await Server.AskAsync(ChatEndpoint.Path, request))["choices"]![0]!;

    private async Task CheckTakenAsync(string member, string? value, bool isNoted)
    {
        for (var i = 0; i < 2; i++)
        {
            await Server.AskAsync(ChatEndpoint.Path, Ask(member, value));
        }

        Assert.Equal(isNoted ? 1 : 0, Server.Notes.Count(note => note.Contains($"'{member}'", StringComparison.Ordinal)));
    }
}
