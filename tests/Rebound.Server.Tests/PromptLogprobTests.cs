using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Server.OpenAi;

namespace Rebound.Server.Tests;

/// <summary>Log-probabilities of prompts, as vLLM has them and as evaluation harnesses ask for them.</summary>
public sealed class PromptLogprobTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private const double Tolerance = 2e-5;

    private static readonly int[] Tokens = [256, 79, 110, 99, 101, 32, 195, 169, 257, 65];

    private RunningServer Server => fixture.Server;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_completion_gives_its_prompt_back_with_their_log_probabilities(int maxTokens)
    {
        // As evaluation harnesses ask for the likelihood of a text.
        var answer = await AskAsync("logprobs", 2, "echo", true, "max_tokens", maxTokens, "seed", 1234);

        var choice = answer["choices"]![0]!;
        var logprobs = choice["logprobs"]!;
        var logits = await LogitsAsync(Tokens);
        Assert.StartsWith("Once éA", (string)choice["text"]!, StringComparison.Ordinal);
        Assert.Equal("length", (string?)choice["finish_reason"]);
        Assert.Equal((Tokens.Length, maxTokens), ((int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["completion_tokens"]!));
        foreach (var member in new[] { "tokens", "token_logprobs", "top_logprobs", "text_offset" })
        {
            Assert.Equal(Tokens.Length + maxTokens, logprobs[member]!.AsArray().Count);
        }

        // Special tokens are not in the text, and a character of two tokens is there with its second one.
        Assert.Equal(
            [0, 0, 1, 2, 3, 4, 5, 5, 6, 6, .. Enumerable.Range(7, maxTokens)], logprobs["text_offset"]!.AsArray().Select(offset => (int)offset!));
        Assert.Equal(["<|im_start|>", "O", "n"], logprobs["tokens"]!.AsArray().Take(3).Select(token => (string)token!));
        Assert.Null(logprobs["token_logprobs"]![0]);
        Assert.Null(logprobs["top_logprobs"]![0]);
        for (var place = 1; place < Tokens.Length; place++)
        {
            Assert.Equal(logits[place - 1][Tokens[place]], (double)logprobs["token_logprobs"]![place]!, Tolerance);
            var likely = logprobs["top_logprobs"]![place]!.AsObject().Select(entry => (double)entry.Value!).ToArray();
            Assert.Equal(logits[place - 1].Max(), likely[0], Tolerance);
            Assert.InRange(likely.Length, 1, 2);
        }
    }

    [Fact]
    public async Task A_stream_tells_them_before_the_first_token_of_each_answer()
    {
        object[] members = ["logprobs", 1, "echo", true, "max_tokens", 2, "n", 2, "temperature", 1, "seed", 5];
        var whole = await AskAsync(members);
        var events = await Server.StreamAsync(CompletionEndpoint.Path, Request(members));
        var alone = await Server.StreamAsync(CompletionEndpoint.Path, Request("logprobs", 1, "echo", true, "max_tokens", 0));

        foreach (var choice in whole["choices"]!.AsArray())
        {
            var parts = events.Select(part => part["choices"]![0]!).Where(part => (int)part["index"]! == (int)choice!["index"]!).ToArray();
            Assert.Equal((string?)choice!["text"], string.Concat(parts.Select(part => (string?)part["text"])));
            foreach (var (member, list) in choice["logprobs"]!.AsObject())
            {
                AssertAlike(list, new JsonArray(
                    [.. parts.SelectMany(part => part["logprobs"]![member]!.AsArray()).Select(item => item?.DeepClone())]));
            }
        }

        Assert.Equal(Tokens.Length, Assert.Single(alone)["choices"]![0]!["logprobs"]!["tokens"]!.AsArray().Count);
    }

    [Fact]
    public async Task Prompts_are_told_of_each_by_itself_and_as_prompt_logprobs()
    {
        var answer = await Server.AskAsync(CompletionEndpoint.Path, new JsonObject
        {
            ["prompt"] = new JsonArray(Json(Tokens), Json(Tokens[2..6])),
            ["n"] = 2,
            ["max_tokens"] = 0,
            ["prompt_logprobs"] = 3,
        });

        var choices = answer["choices"]!.AsArray();
        Assert.Equal(4, choices.Count);
        foreach (var (index, choice) in choices.Index())
        {
            Assert.Equal(("", "length"), ((string?)choice!["text"], (string?)choice["finish_reason"]));
            Assert.Null(choice["logprobs"]);
            await CheckAsync(choice["prompt_logprobs"]!, index < 2 ? Tokens : Tokens[2..6], likeliest: 3);
        }
    }

    [Fact]
    public async Task A_chat_has_them_of_its_prompt_which_need_not_open_a_turn()
    {
        JsonObject Ask(params object[] members)
        {
            var request = Request(["return_token_ids", true, .. members]);
            request.Remove("prompt");
            request["messages"] = JsonNode.Parse("""[{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Yes."}]""");
            return request;
        }

        var answer = await Server.AskAsync(ChatEndpoint.Path, Ask("prompt_logprobs", 0, "max_tokens", 3));
        var closed = await Server.AskAsync(
            ChatEndpoint.Path, Ask("prompt_logprobs", 2, "max_tokens", 0, "add_generation_prompt", false));
        var plain = await Server.AskAsync(ChatEndpoint.Path, Ask("max_tokens", 3));

        Assert.True(JsonNode.DeepEquals(plain["choices"], answer["choices"]));
        Assert.Equal(0, (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
        await CheckAsync(answer["prompt_logprobs"]!, Ids(answer), likeliest: 0);
        await CheckAsync(closed["prompt_logprobs"]!, Ids(closed), likeliest: 2);
        Assert.Equal((0, ""), ((int)closed["usage"]!["completion_tokens"]!, (string?)closed["choices"]![0]!["message"]!["content"]));
        Assert.EndsWith("<|im_start|>assistant\nYes.<|im_end|>\n", fixture.Server.Models.Default.Tokenizer.Decode(Ids(closed)));
        Assert.Equal(Ids(plain)[..Ids(closed).Length], Ids(closed));
        Assert.Null(plain["prompt_logprobs"]);
    }

    [Theory]
    [InlineData(CompletionEndpoint.Path, """{"prompt": "x", "prompt_logprobs": 21}""", "prompt_logprobs", "from 0 to 20")]
    [InlineData(CompletionEndpoint.Path, """{"prompt": "x", "prompt_logprobs": -1}""", "prompt_logprobs", "from 0 to 20")]
    [InlineData(CompletionEndpoint.Path, """{"prompt": "x", "prompt_logprobs": 1, "stream": true}""", "prompt_logprobs", "with 'stream'")]
    [InlineData(CompletionEndpoint.Path, """{"prompt": "x", "max_tokens": 0}""", "max_tokens", "or 0 where")]
    [InlineData(CompletionEndpoint.Path, """{"prompt": "x", "max_tokens": 0, "echo": true, "logprobs": 21}""", "top_logprobs", "0 to 20")]
    [InlineData(ResponsesEndpoint.Path, """{"input": "x", "prompt_logprobs": 1}""", "prompt_logprobs", "/v1/chat/completions")]
    public async Task What_cannot_be_told_is_refused(string path, string body, string parameter, string words)
    {
        var (status, answer) = await Server.PostAsync(path, JsonNode.Parse(body)!);

        Assert.Equal((400, parameter), (status, (string?)answer["error"]!["param"]));
        Assert.Contains(words, (string?)answer["error"]!["message"]);
    }

    [Fact]
    public async Task More_than_a_response_can_hold_are_refused_with_the_numbers()
    {
        var text = new string('x', 4000);
        var request = Request("prompt", new JsonArray([.. Enumerable.Repeat(text, 6)]), "prompt_logprobs", 20, "max_tokens", 1);

        var (status, answer) = await Server.PostAsync(CompletionEndpoint.Path, request);

        Assert.Equal((400, "prompt_logprobs"), (status, (string?)answer["error"]!["param"]));
        Assert.Contains("of 24000 tokens", (string?)answer["error"]!["message"]);
        Assert.Contains("are 504000, and a request may have 500000", (string?)answer["error"]!["message"]);
    }

    /// <summary>The same but for the last digits of numbers, since other tokens may have been read beside these.</summary>
    private static void AssertAlike(JsonNode? expected, JsonNode? actual)
    {
        switch (expected)
        {
            case JsonObject members:
                Assert.Equal(members.Select(member => member.Key), actual!.AsObject().Select(member => member.Key));
                Assert.All(members, member => AssertAlike(member.Value, actual[member.Key]));
                break;
            case JsonArray items:
                Assert.Equal(items.Count, actual!.AsArray().Count);
                Assert.All(items.Zip(actual.AsArray()), pair => AssertAlike(pair.First, pair.Second));
                break;
            case JsonValue number when number.GetValueKind() == System.Text.Json.JsonValueKind.Number:
                Assert.Equal((double)number, (double)actual!, Tolerance);
                break;
            default:
                Assert.Equal((string?)expected, (string?)actual);
                break;
        }
    }

    private static JsonArray Json(int[] tokens) => new([.. tokens.Select(token => (JsonNode)token)]);

    private static int[] Ids(JsonNode answer) => [.. answer["prompt_token_ids"]!.AsArray().Select(id => (int)id!)];

    private static JsonObject Request(params object[] members)
    {
        var request = new JsonObject { ["prompt"] = Json(Tokens), ["temperature"] = 0 };
        foreach (var member in members.Chunk(2))
        {
            request[(string)member[0]] = member[1] as JsonNode ?? JsonValue.Create(member[1]);
        }

        return request;
    }

    private Task<JsonNode> AskAsync(params object[] members) => Server.AskAsync(CompletionEndpoint.Path, Request(members));

    /// <summary>Log-probabilities by the model itself, of all tokens in every place.</summary>
    private async Task<double[][]> LogitsAsync(int[] tokens)
    {
        var model = fixture.Server.Models.Default.Weights;
        var (vocabulary, logits) = (model.Config.VocabularySize, new float[tokens.Length * model.Config.VocabularySize]);
        await Server.Models.Engine.InvokeAsync(_ => model.Logits(new PackedBatch(tokens, [0, tokens.Length]), logits));
        return
        [
            .. logits.Chunk(vocabulary).Select(row =>
            {
                var logSumExp = Math.Log(row.Sum(logit => Math.Exp(logit)));
                return row.Select(logit => logit - logSumExp).ToArray();
            }),
        ];
    }

    private async Task CheckAsync(JsonNode told, int[] tokens, int likeliest)
    {
        var logits = await LogitsAsync(tokens);
        Assert.Equal(tokens.Length, told.AsArray().Count);
        Assert.Null(told[0]);
        for (var place = 1; place < tokens.Length; place++)
        {
            var order = Enumerable.Range(0, logits[place - 1].Length).OrderByDescending(token => logits[place - 1][token]).ToList();
            var entries = told[place]!.AsObject();
            Assert.Equal(
                order.Take(likeliest).Prepend(tokens[place]).Distinct().Select(token => $"{token}"), entries.Select(entry => entry.Key));
            foreach (var (id, entry) in entries)
            {
                var token = int.Parse(id, System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal(order.IndexOf(token) + 1, (int)entry!["rank"]!);
                Assert.Equal(logits[place - 1][token], (double)entry["logprob"]!, Tolerance);
                Assert.Equal(fixture.Server.Models.Default.Texts.Text(token), (string?)entry["decoded_token"]);
            }
        }
    }
}
