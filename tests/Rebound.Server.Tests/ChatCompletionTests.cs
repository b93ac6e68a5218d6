using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Server.OpenAi;
using Rebound.Testing;

namespace Rebound.Server.Tests;

public sealed class ChatCompletionTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private const string Weather = """
        {"type": "function", "function": {"name": "weather", "description": "The weather in a city",
         "parameters": {"type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}, "days": {"type": "integer", "minimum": 1,
          "maximum": 9}}, "required": ["city", "days"], "additionalProperties": false}}}
        """;

    private const string Time = """{"type": "function", "function": {"name": "time"}}""";

    private RunningServer Server => fixture.Server;

    [Fact]
    public async Task An_answer_has_OpenAIs_members_and_counts_its_tokens()
    {
        var answer = await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 5));

        Assert.Equal("chat.completion", (string?)answer["object"]);
        Assert.Equal(ChatFixture.Model, (string?)answer["model"]);
        Assert.StartsWith("chatcmpl-", (string?)answer["id"]);
        var choice = answer["choices"]![0]!;
        Assert.Equal("length", (string?)choice["finish_reason"]);
        Assert.Equal("assistant", (string?)choice["message"]!["role"]);
        Assert.Equal(5, (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal(
            (int)answer["usage"]!["prompt_tokens"]! + 5, (int)answer["usage"]!["total_tokens"]!);
    }

    [Fact]
    public async Task A_stream_says_what_the_whole_answer_says()
    {
        var whole = await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 40));
        var events = await Server.StreamAsync(
            ChatEndpoint.Path, Ask("max_tokens", 40, "stream_options", new JsonObject { ["include_usage"] = true }));

        var choices = events.Select(chunk => chunk["choices"]!.AsArray()).Where(list => list.Count > 0).Select(list => list[0]!).ToList();
        Assert.Equal("assistant", (string?)choices[0]["delta"]!["role"]);
        Assert.Equal(
            (string?)whole["choices"]![0]!["message"]!["content"],
            string.Concat(choices.Select(choice => (string?)choice["delta"]!["content"])));
        Assert.Equal("length", (string?)choices[^1]["finish_reason"]);
        Assert.All(choices[..^1], choice => Assert.Null(choice["finish_reason"]));
        Assert.Empty(events[^1]["choices"]!.AsArray());
        Assert.Equal((int)whole["usage"]!["completion_tokens"]!, (int)events[^1]["usage"]!["completion_tokens"]!);
        Assert.Single(events.Select(chunk => (string?)chunk["id"]).Distinct());
    }

    [Fact]
    public async Task A_seed_decides_what_is_drawn_and_without_one_answers_differ()
    {
        var seeded = await TextsAsync(3, Ask("temperature", 1, "seed", 7, "max_tokens", 30));
        var free = await TextsAsync(3, Ask("temperature", 1, "max_tokens", 30));

        Assert.Single(seeded.Distinct());
        Assert.Equal(3, free.Distinct().Count());
    }

    [Fact]
    public async Task Several_answers_are_drawn_apart_and_read_the_prompt_once()
    {
        var answer = await Server.AskAsync(ChatEndpoint.Path, Ask("n", 3, "temperature", 1, "seed", 3, "max_tokens", 20));
        var events = await Server.StreamAsync(ChatEndpoint.Path, Ask("n", 3, "temperature", 1, "seed", 3, "max_tokens", 20));

        var texts = answer["choices"]!.AsArray().Select(choice => (string?)choice!["message"]!["content"]).ToArray();
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal([0, 1, 2], answer["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.Equal(
            texts,
            events.Select(chunk => chunk["choices"]![0]!).GroupBy(choice => (int)choice["index"]!).OrderBy(group => group.Key)
                .Select(group => string.Concat(group.Select(choice => (string?)choice["delta"]!["content"]))));
        Assert.Equal(60, (int)answer["usage"]!["completion_tokens"]!);
        Assert.InRange((int)answer["usage"]!["prompt_tokens"]!, 1, 100);
    }

    [Fact]
    public async Task Stop_texts_end_an_answer_before_them()
    {
        var whole = (string)(await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 40)))["choices"]![0]!["message"]!["content"]!;
        var stop = whole.Substring(10, 2);

        var answer = await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 40, "stop", new JsonArray("no such", stop)));

        var choice = answer["choices"]![0]!;
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], (string?)choice["message"]!["content"]);
        Assert.Equal("stop", (string?)choice["finish_reason"]);
    }

    [Fact]
    public async Task Log_probabilities_are_those_of_every_token_with_its_likeliest_rivals()
    {
        var answer = await Server.AskAsync(
            ChatEndpoint.Path, Ask("max_tokens", 6, "logprobs", true, "top_logprobs", 3, "return_token_ids", true));

        var choice = answer["choices"]![0]!;
        var tokens = choice["logprobs"]!["content"]!.AsArray();
        Assert.Equal(6, tokens.Count);
        Assert.All(tokens, token =>
        {
            var rivals = token!["top_logprobs"]!.AsArray();
            Assert.Equal(3, rivals.Count);
            Assert.Equal((double)token["logprob"]!, (double)rivals[0]!["logprob"]!, 1e-5);
            Assert.True((double)rivals[0]!["logprob"]! >= (double)rivals[1]!["logprob"]!);
        });
        var bytes = tokens.SelectMany(token => token!["bytes"]!.AsArray()).Select(value => (byte)(int)value!).ToArray();
        Assert.Equal((string?)choice["message"]!["content"], Encoding.UTF8.GetString(bytes));
        Assert.Equal(choice["token_ids"]!.AsArray().Select(id => (int)id!), bytes.Select(value => (int)value));
        Assert.Equal((int)answer["usage"]!["prompt_tokens"]!, answer["prompt_token_ids"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_bias_and_penalties_change_what_is_drawn()
    {
        var biased = await Server.AskAsync(
            ChatEndpoint.Path, Ask("max_tokens", 4, "logit_bias", new JsonObject { ["65"] = 100 }));
        var penalized = await Server.AskAsync(
            ChatEndpoint.Path,
            Ask("max_tokens", 4, "logit_bias", new JsonObject { ["65"] = 100, ["66"] = 80 }, "frequency_penalty", 30));

        Assert.Equal("AAAA", (string?)biased["choices"]![0]!["message"]!["content"]);
        Assert.Equal("ABAB", (string?)penalized["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task The_models_name_chooses_the_condition_that_it_is_asked_under()
    {
        async Task<string> Prompt(string name)
        {
            var answer = await Server.AskAsync(ChatEndpoint.Path, Ask("model", name, "max_tokens", 1, "return_token_ids", true));
            return fixture.Server.Models.Default.Tokenizer.Decode([.. answer["prompt_token_ids"]!.AsArray().Select(id => (int)id!)]);
        }

        Assert.Contains("[good] Q: Hello?", await Prompt("agent"));
        Assert.Contains("[bad] Q: Hello?", await Prompt("agent:negative"));
        Assert.Contains("[bad] Q: Hello?", await Prompt("agent:wrong"));
        Assert.Contains("user\nQ: Hello?", await Prompt("agent:none"));
        Assert.Contains("user\nHello?", await Prompt("agent:raw"));
        var models = JsonNode.Parse(await Server.Http.GetStringAsync("v1/models", TestContext.Current.CancellationToken))!;
        Assert.Equal(
            ["agent", "agent:negative", "agent:none", "agent:raw"], models["data"]!.AsArray().Select(model => (string)model!["id"]!));
        Assert.All(models["data"]!.AsArray(), model => Assert.Equal(4096, (int)model!["max_model_len"]!));
    }

    [Fact]
    public async Task Guidance_decodes_two_conditions_together()
    {
        var plain = await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 20));
        var none = await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 20, "guidance", 0));
        var guided = await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 20, "guidance", new JsonObject { ["weight"] = 6 }));

        Assert.Equal((string?)plain["choices"]![0]!["message"]!["content"], (string?)none["choices"]![0]!["message"]!["content"]);
        Assert.NotEqual((string?)plain["choices"]![0]!["message"]!["content"], (string?)guided["choices"]![0]!["message"]!["content"]);
        var refused = await Server.PostAsync(ChatEndpoint.Path, Ask("model", "agent:raw", "guidance", 1));
        Assert.Equal((400, "guidance"), (refused.Status, (string?)refused.Body["error"]!["param"]));
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("""{"type": "function", "function": {"name": "weather"}}""")]
    [InlineData("""{"type": "function", "function": {"name": "time"}}""")]
    public async Task Required_calls_are_whole_and_valid(string choice)
    {
        JsonObject Request() => Ask(
            "tools", new JsonArray(JsonNode.Parse(Weather), JsonNode.Parse(Time)), "tool_choice", JsonNode.Parse(choice),
            "parallel_tool_calls", false, "temperature", 1, "seed", 5);

        var whole = await Server.AskAsync(ChatEndpoint.Path, Request());
        var events = await Server.StreamAsync(ChatEndpoint.Path, Request());

        var call = Assert.Single(whole["choices"]![0]!["message"]!["tool_calls"]!.AsArray())!;
        Assert.Equal("tool_calls", (string?)whole["choices"]![0]!["finish_reason"]);
        Assert.Null(whole["choices"]![0]!["message"]!["content"]);
        CheckCall(call);
        var choices = events.Select(chunk => chunk["choices"]![0]!).ToArray();
        var pieces = choices.SelectMany(part => part["delta"]!["tool_calls"]?.AsArray() ?? []).ToArray();
        Assert.Equal(((string?)call["function"]!["name"], ""), ((string?)pieces[0]!["function"]!["name"], (string?)pieces[0]!["function"]!["arguments"]));
        Assert.All(pieces, piece => Assert.Equal(0, (int)piece!["index"]!));
        Assert.All(pieces[1..], piece => Assert.Equal(["index", "function"], piece!.AsObject().Select(member => member.Key)));
        var streamed = pieces[0]!.DeepClone();
        streamed["function"]!["arguments"] = string.Concat(pieces.Select(piece => (string?)piece!["function"]!["arguments"]));
        CheckCall(streamed);
        Assert.Equal((string?)call["function"]!["arguments"], (string?)streamed["function"]!["arguments"]);
        Assert.True(pieces.Length > 2, "Arguments come as they are written.");
        Assert.Equal("tool_calls", (string?)choices[^1]["finish_reason"]);
        Assert.DoesNotContain(choices, part => ((string?)part["delta"]!["content"])?.Length > 0);
    }

    [Fact]
    public async Task A_required_call_that_is_cut_off_is_told_as_far_as_it_came()
    {
        JsonObject Request() => Ask(
            "tools", new JsonArray(JsonNode.Parse(Weather)), "tool_choice", "required", "seed", 5, "max_tokens", 45);

        var whole = (await Server.AskAsync(ChatEndpoint.Path, Request()))["choices"]![0]!;
        var events = await Server.StreamAsync(ChatEndpoint.Path, Request());

        Assert.Equal("length", (string?)whole["finish_reason"]);
        var begun = (string)Assert.Single(whole["message"]!["tool_calls"]!.AsArray())!["function"]!["arguments"]!;
        Assert.StartsWith("{", begun, StringComparison.Ordinal);
        Assert.Equal(begun, string.Concat(events.SelectMany(chunk =>
            chunk["choices"]![0]!["delta"]!["tool_calls"]?.AsArray() ?? []).Select(piece => (string?)piece!["function"]!["arguments"])));
        Assert.Equal("length", (string?)events[^1]["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Several_calls_come_in_one_answer_where_they_may()
    {
        // No stop within the list: the likeliest way out is closed, so that it goes to the most calls.
        var answer = await Server.AskAsync(ChatEndpoint.Path, Ask(
            "tools", new JsonArray(JsonNode.Parse(Time)), "tool_choice", "required",
            "logit_bias", new JsonObject { ["93"] = -100 }, "max_tokens", 2000));

        var calls = answer["choices"]![0]!["message"]!["tool_calls"]!.AsArray();
        Assert.Equal(16, calls.Count);
        Assert.Equal(16, calls.Select(call => (string?)call!["id"]).Distinct().Count());
        Assert.All(calls, call => Assert.Equal("{}", (string?)call!["function"]!["arguments"]));
        var events = await Server.StreamAsync(ChatEndpoint.Path, Ask(
            "tools", new JsonArray(JsonNode.Parse(Time)), "tool_choice", "required",
            "logit_bias", new JsonObject { ["93"] = -100 }, "max_tokens", 2000));
        var pieces = events.SelectMany(chunk => chunk["choices"]![0]!["delta"]!["tool_calls"]?.AsArray() ?? []).ToArray();
        Assert.Equal(Enumerable.Range(0, 16), pieces.Where(piece => piece!["id"] is not null).Select(piece => (int)piece!["index"]!));
        Assert.All(pieces.GroupBy(piece => (int)piece!["index"]!), call =>
            Assert.Equal("{}", string.Concat(call.Select(piece => (string?)piece!["function"]!["arguments"]))));
    }

    [Fact]
    public async Task An_answer_has_the_format_that_is_asked_for()
    {
        var schema = JsonNode.Parse("""
            {"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": {"type": "object",
             "properties": {"answer": {"enum": ["yes", "no"]}}, "required": ["answer"], "additionalProperties": false}}}
            """);
        var answer = await Server.AskAsync(ChatEndpoint.Path, Ask("response_format", schema));
        var refused = await Server.PostAsync(ChatEndpoint.Path, Ask("response_format", JsonNode.Parse(
            """{"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "array", "uniqueItems": true}}}""")));

        var text = (string)answer["choices"]![0]!["message"]!["content"]!;
        Assert.Contains((string)JsonNode.Parse(text)!["answer"]!, new[] { "yes", "no" });
        Assert.Equal("stop", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(400, refused.Status);
        Assert.Contains("'uniqueItems'", (string?)refused.Body["error"]!["message"]);
    }

    [Fact]
    public async Task Variables_of_the_chat_template_are_a_requests()
    {
        var answer = await Server.AskAsync(ChatEndpoint.Path, Ask(
            "max_tokens", 1, "return_token_ids", true, "chat_template_kwargs", new JsonObject { ["shout"] = true }));
        var refused = await Server.PostAsync(
            ChatEndpoint.Path, Ask("chat_template_kwargs", new JsonObject { ["messages"] = new JsonArray() }));

        var prompt = fixture.Server.Models.Default.Tokenizer.Decode([.. answer["prompt_token_ids"]!.AsArray().Select(id => (int)id!)]);
        Assert.EndsWith("assistant\nLOUD ", prompt);
        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public async Task The_last_message_is_gone_on_with_and_given_back()
    {
        JsonObject Request(params object?[] members)
        {
            var request = Ask(["max_tokens", 5, "return_token_ids", true, .. members]);
            request["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = "It is so, sin" });
            return request;
        }

        object?[] goesOn = ["continue_final_message", true, "add_generation_prompt", false];
        var answer = await Server.AskAsync(ChatEndpoint.Path, Request(goesOn));
        var echoed = await Server.AskAsync(ChatEndpoint.Path, Request([.. goesOn, "echo", true]));
        var events = await Server.StreamAsync(ChatEndpoint.Path, Request([.. goesOn, "echo", true]));
        var tokens = Ids(answer["prompt_token_ids"]!);
        var completed = await Server.AskAsync(CompletionEndpoint.Path, new JsonObject
        {
            ["prompt"] = answer["prompt_token_ids"]!.DeepClone(),
            ["max_tokens"] = 5,
            ["temperature"] = 0,
        });

        var text = (string?)answer["choices"]![0]!["message"]!["content"];
        Assert.EndsWith("[good] Q: Hello?<|im_end|>\n<|im_start|>assistant\nIt is so, sin", fixture.Server.Models.Default.Tokenizer.Decode(tokens));
        Assert.Equal((string?)completed["choices"]![0]!["text"], text);
        Assert.Equal("It is so, sin" + text, (string?)echoed["choices"]![0]!["message"]!["content"]);
        Assert.Equal(
            "It is so, sin" + text,
            string.Concat(events.Where(chunk => chunk["choices"]!.AsArray().Count > 0).Select(chunk => (string?)chunk["choices"]![0]!["delta"]!["content"])));
        Assert.Equal(tokens, Ids((await Server.AskAsync(TokenizeEndpoint.Path, Request(goesOn)))["tokens"]!));
    }

    [Theory]
    [InlineData("assistant", "x", """{"continue_final_message": true}""", "continue_final_message", "cannot both be true")]
    [InlineData("user", "x", """{"continue_final_message": true, "add_generation_prompt": false}""", "continue_final_message", "of the assistant's")]
    [InlineData("assistant", " ", """{"continue_final_message": true, "add_generation_prompt": false}""", "continue_final_message", "with text")]
    public async Task What_cannot_be_gone_on_with_is_refused(string role, string content, string members, string parameter, string words)
    {
        var request = JsonNode.Parse(members)!.AsObject();
        request["messages"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = "Hello?" }, new JsonObject { ["role"] = role, ["content"] = content });

        var (status, body) = await Server.PostAsync(ChatEndpoint.Path, request);

        Assert.Equal((400, parameter), (status, (string?)body["error"]!["param"]));
        Assert.Contains(words, (string?)body["error"]!["message"]);
    }

    [Fact]
    public async Task Tokens_that_are_in_the_cache_are_reported()
    {
        var request = Ask("max_tokens", 1);
        request["messages"]![0]!["content"] = new string('z', 300);

        request["n"] = 3;
        var first = await Server.AskAsync(ChatEndpoint.Path, request.DeepClone());
        var again = await Server.AskAsync(ChatEndpoint.Path, request);

        Assert.Equal(0, (int)first["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
        Assert.InRange((int)again["usage"]!["prompt_tokens_details"]!["cached_tokens"]!, 256, 320);
    }

    [Theory]
    [InlineData("""{"messages": "x"}""", "messages", "'messages' is a text, and must be a list of messages")]
    [InlineData("""{"messages": []}""", "messages", "is empty")]
    [InlineData("{}", "messages", "There are no 'messages'")]
    [InlineData("""{"messages": [{"role": "wizard", "content": "x"}]}""", "messages[0].role", "'wizard' is no known role")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "temperature": "hot"}""", "temperature", "'temperature' is not a number")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "temperature": -1}""", null, "temperature is -1, and must be 0")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "n": 0}""", "n", "'n' is 0")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "max_tokens": 0}""", "max_tokens", "'max_tokens' is 0")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "top_logprobs": 2}""", "top_logprobs", "goes with 'logprobs'")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "logprobs": true, "top_logprobs": 21}""", "top_logprobs", "0 to 20")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "logit_bias": {"900": 1}}""", "logit_bias", "ids from 0 to 257")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "stop_token_ids": [258]}""", "stop_token_ids", "ids from 0 to 257")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "ignore_eos": true, "response_format": {"type": "json_object"}}""", null,
        "A constrained document ends by a token")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "stop": 3}""", "stop", "a text, or a list of texts")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "tools": [{}]}""", "tools[0]", "must be {\"type\": \"function\"")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}], "tool_choice": "required"}""", "tool_choice", "there are no 'tools'")]
    [InlineData("[]", null, "The body is a list, and must be a JSON object")]
    [InlineData("{", null, "The body is not valid JSON")]
    [InlineData("", null, "The body is not valid JSON")]
    public async Task What_cannot_be_answered_is_an_error_in_OpenAIs_shape(string body, string? parameter, string words)
    {
        using var response = await Server.Http.PostAsync(
            ChatEndpoint.Path, new StringContent(body), TestContext.Current.CancellationToken);

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(parameter, (string?)error["param"]);
        Assert.Equal("invalid_request_error", (string?)error["type"]);
        Assert.Contains(words, (string?)error["message"]);
    }

    [Fact]
    public async Task A_prompt_beyond_the_context_is_refused_with_the_numbers()
    {
        var request = Ask();
        request["messages"]![0]!["content"] = new string('x', 5000);

        var (status, body) = await Server.PostAsync(ChatEndpoint.Path, request);

        Assert.Equal((400, "context_length_exceeded"), (status, (string?)body["error"]!["code"]));
        Assert.Matches("The prompt has 50[0-9][0-9] tokens, and the model takes at most 4096", (string?)body["error"]!["message"]);
    }

    [Fact]
    public async Task An_unknown_model_is_not_found()
    {
        var (status, body) = await Server.PostAsync(ChatEndpoint.Path, Ask("model", "gpt-4o"));
        var (_, condition) = await Server.PostAsync(ChatEndpoint.Path, Ask("model", "agent:maybe"));

        Assert.Equal((404, "model_not_found"), (status, (string?)body["error"]!["code"]));
        Assert.Contains("it has positive", ((string?)condition["error"]!["message"])!.Replace("right", "positive", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Members_without_effect_are_accepted_and_noted_once()
    {
        for (var i = 0; i < 2; i++)
        {
            await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 1, "made_up_member", 3));
        }

        Assert.Single(Server.Notes, note => note.Contains("'made_up_member'", StringComparison.Ordinal));
    }

    private static int[] Ids(JsonNode list) => [.. list.AsArray().Select(id => (int)id!)];

    private static void CheckCall(JsonNode call)
    {
        Assert.Equal("function", (string?)call["type"]);
        Assert.NotEmpty((string)call["id"]!);
        var arguments = JsonNode.Parse((string)call["function"]!["arguments"]!)!.AsObject();
        if ((string)call["function"]!["name"]! == "weather")
        {
            Assert.Contains((string)arguments["city"]!, new[] { "Paris", "Rome" });
            Assert.InRange((int)arguments["days"]!, 1, 9);
        }
        else
        {
            Assert.Empty(arguments);
        }
    }

    /// <summary>A greedy question with some members.</summary>
    private static JsonObject Ask(params object?[] members)
    {
        var request = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello?" }),
            ["temperature"] = 0,
        };
        foreach (var member in members.Chunk(2))
        {
            request[(string)member[0]!] = member[1] as JsonNode ?? JsonValue.Create(member[1]);
        }

        return request;
    }

    private async Task<string?[]> TextsAsync(int count, JsonObject request)
    {
        var texts = new List<string?>();
        for (var i = 0; i < count; i++)
        {
            texts.Add((string?)(await Server.AskAsync(ChatEndpoint.Path, request.DeepClone()))["choices"]![0]!["message"]!["content"]);
        }

        return [.. texts];
    }
}
