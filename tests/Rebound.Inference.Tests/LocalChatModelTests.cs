using System.Text.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Grammar;
using Rebound.Inference.Chat;
using Rebound.Models;
using Rebound.Testing;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Inference.Tests;

public sealed class LocalChatModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-inference-").FullName;
    private readonly CpuBackend _backend = new(1);
    private readonly ModelSource _source;
    private readonly LlamaModel _model;

    public LocalChatModelTests()
    {
        var config = LlamaConfig.Parse(
            new JsonObject
            {
                ["model_type"] = "llama",
                ["hidden_size"] = 32,
                ["intermediate_size"] = 48,
                ["num_hidden_layers"] = 2,
                ["num_attention_heads"] = 4,
                ["num_key_value_heads"] = 2,
                ["vocab_size"] = ByteTokenizer.VocabularySize,
                ["max_position_embeddings"] = 256,
                ["initializer_range"] = 0.3,
            },
            "config.json");
        using (var random = LlamaModel.Initialize(_backend, config, seed: 3))
        {
            HuggingFaceFolder.Write(
                _folder, config.ToJson(), random.Weights, TokenizerSource.Of(ByteTokenizer.Json(), ByteTokenizer.ConfigJson()));
        }

        _source = ModelSource.Open(_folder);
        _model = _source.Load(_backend);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _model.Dispose();
        _source.Dispose();
        _backend.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Answers_are_the_same_asked_together_and_one_after_the_other()
    {
        var questions = Enumerable.Range(0, 7).Select(number => $"Question {new string('x', 5 * number)}?").ToArray();
        using var one = Open(1);
        using var many = Open(4);

        var together = await Task.WhenAll(
            questions.Select((question, number) => many.GetResponseAsync(Ask(question), Options(number), Cancellation)));
        var apart = new List<ChatResponse>();
        foreach (var (number, question) in questions.Index())
        {
            apart.Add(await one.GetResponseAsync(Ask(question), Options(number), Cancellation));
        }

        Assert.Equal(apart.Select(answer => answer.Text), together.Select(answer => answer.Text));
        Assert.Equal(apart.Select(answer => answer.Usage!.OutputTokenCount), together.Select(answer => answer.Usage!.OutputTokenCount));
        Assert.True(together.Select(answer => answer.Text).Distinct().Count() > 1);
    }

    [Fact]
    public async Task The_seed_decides_what_is_drawn()
    {
        using var model = Open(2);

        var (first, again, other) = (await Text(1), await Text(1), await Text(2));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        async Task<string> Text(long seed) => (await model.GetResponseAsync(Ask("Why?"), Options(seed), Cancellation)).Text;
    }

    [Fact]
    public async Task A_streamed_answer_is_the_whole_one_in_pieces()
    {
        using var model = Open(2);
        var whole = await model.GetResponseAsync(Ask("Why?"), Options(5), Cancellation);

        var streamed = new StringBuilder();
        ChatFinishReason? finish = null;
        await foreach (var update in model.GetStreamingResponseAsync(Ask("Why?"), Options(5), Cancellation))
        {
            streamed.Append(update.Text);
            finish = update.FinishReason;
        }

        Assert.Equal(whole.Text, streamed.ToString());
        Assert.Equal(whole.FinishReason, finish);
    }

    [Fact]
    public async Task A_streamed_answer_counts_its_tokens_and_one_that_is_left_makes_room()
    {
        using var model = Open(1);
        var whole = await model.GetResponseAsync(Ask("Why?"), Options(5), Cancellation);
        var streamed = await model.GetStreamingResponseAsync(Ask("Why?"), Options(5), Cancellation).ToChatResponseAsync(Cancellation);

        await foreach (var _ in model.GetStreamingResponseAsync(Ask("Why?"), new ChatOptions { MaxOutputTokens = 200 }, Cancellation))
        {
            break;
        }

        Assert.Equal(
            (whole.Usage!.InputTokenCount, whole.Usage.OutputTokenCount, whole.Usage.TotalTokenCount),
            (streamed.Usage!.InputTokenCount, streamed.Usage.OutputTokenCount, streamed.Usage.TotalTokenCount));
        Assert.Equal(whole.Text, (await model.GetResponseAsync(Ask("Why?"), Options(5), Cancellation)).Text);
    }

    [Fact]
    public async Task No_piece_of_a_streamed_answer_is_half_a_character_or_the_beginning_of_a_stop_string()
    {
        using var model = Open(1);
        var whole = (await model.GetResponseAsync(Ask("Why?"), Long(9), Cancellation)).Text;
        var stop = whole.Substring(whole.Length / 2, 3);

        var shown = "";
        await foreach (var update in model.GetStreamingResponseAsync(Ask("Why?"), Long(9, stop), Cancellation))
        {
            Assert.False(update.Text.Length > 0 && char.IsHighSurrogate(update.Text[^1]));
            shown += update.Text;
            Assert.StartsWith(shown, whole[..whole.IndexOf(stop, StringComparison.Ordinal)]);
        }

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], shown);

        static ChatOptions Long(long seed, params string[] stops) =>
            new() { Temperature = 1, MaxOutputTokens = 60, Seed = seed, StopSequences = stops };
    }

    [Fact]
    public async Task A_conversation_that_is_too_long_fails_alone()
    {
        using var model = Open(2);
        var tooLong = model.GetResponseAsync(Ask(new string('x', 300)), Options(1), Cancellation);
        var short1 = await model.GetResponseAsync(Ask("Why?"), Options(1), Cancellation);

        var problem = await Assert.ThrowsAsync<ModelException>(() => tooLong);

        Assert.Contains("takes at most 256", problem.Message);
        Assert.True(short1.Usage!.OutputTokenCount > 0);
    }

    [Fact]
    public async Task One_answer_at_a_time_may_fill_the_context_under_guidance_too()
    {
        using var model = Open(1);
        var options = new ChatOptions { MaxOutputTokens = 512, Temperature = 1, Seed = 3 };
        Turn[] opposite = [new(Roles.User, "How?", Loss: false)];

        var own = await model.GetResponseAsync(Ask("Why?"), options, Cancellation);
        var guided = await model.Guided(1, opposite, 1).GetResponseAsync(Ask("Why?"), options, Cancellation);

        Assert.All(new[] { own, guided }, answer => Assert.True(answer.Usage!.OutputTokenCount > 0));
    }

    [Fact]
    public async Task An_answer_that_is_given_up_leaves_the_batch()
    {
        using var model = Open(1);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var given = model.GetResponseAsync(Ask("Why?"), Options(1), patience.Token);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.NotNull(await model.GetResponseAsync(Ask("Why?"), Options(1), Cancellation));
    }

    [Fact]
    public async Task Guidance_draws_away_from_the_conversation_that_began_otherwise()
    {
        using var model = Open(4);
        Turn[] opposite = [new(Roles.User, "Fail at this: why?", Loss: false)];
        var plain = await model.GetResponseAsync(Ask("Why?"), Options(1), Cancellation);

        var weightless = await model.Guided(1, opposite, 0).GetResponseAsync(Ask("Why?"), Options(1), Cancellation);
        var guided = await model.Guided(1, opposite, 3).GetResponseAsync(Ask("Why?"), Options(1), Cancellation);

        Assert.Equal(plain.Text, weightless.Text);
        Assert.NotEqual(plain.Text, guided.Text);
    }

    [Fact]
    public async Task A_request_may_ask_for_penalties()
    {
        using var model = Open(1);
        var plain = await model.GetResponseAsync(Ask("Why?"), Options(1), Cancellation);
        var options = Options(1);
        (options.FrequencyPenalty, options.PresencePenalty) = (50, 50);
        var penalized = await model.GetResponseAsync(Ask("Why?"), options, Cancellation);

        Assert.NotEqual(plain.Text, penalized.Text);
    }

    [Fact]
    public async Task A_request_may_ask_for_json_of_a_schema()
    {
        using var model = Open(1);
        var options = Options(1);
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"enum": [["yes", 1], ["no", 0]]}"""));
        var refused = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"not": true}""")) };

        var answer = await model.GetResponseAsync(Ask("Why?"), options, Cancellation);

        Assert.Contains(answer.Text, new[] { "[\"yes\", 1]", "[\"no\", 0]" });
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        await Assert.ThrowsAsync<GrammarException>(async () => await model.GetResponseAsync(Ask("Why?"), refused, Cancellation));
    }

    [Fact]
    public async Task What_a_checkpoint_cannot_do_is_refused()
    {
        var model = Open(1);
        var json = new ChatOptions { Tools = [new HostedWebSearchTool()] };

        var refused = await Assert.ThrowsAsync<NotSupportedException>(async () =>
            await model.GetResponseAsync(Ask("Why?"), json, Cancellation));
        model.Dispose();

        Assert.Contains("tools that are no functions", refused.Message);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await model.GetResponseAsync(Ask("Why?"), Options(1), Cancellation));
    }

    private LocalChatModel Open(int maxSequences) => new(_model, _source.Tokenizer, ChatProfile.Of(_source), maxSequences);

    private static ChatMessage[] Ask(string question) => [new(ChatRole.User, question)];

    private static ChatOptions Options(long seed) => new() { Temperature = 1, MaxOutputTokens = 24, Seed = seed };
}
