using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class GeneratorTests
{
    private static readonly SamplingOptions Sampled =
        new() { Temperature = 1, TopK = 20, TopP = 0.95f, RepetitionPenalty = 1.2f, Seed = 9 };

    [Theory]
    [InlineData("llama", 0)]
    [InlineData("mistral", 7)]
    [InlineData("qwen2", 0)]
    [InlineData("qwen3", 0)]
    public void Cached_generation_gives_the_tokens_of_a_full_forward_at_every_step(string type, int window)
    {
        using var backend = new CpuBackend();
        using var model = Model(backend, type, window);
        var prompt = TinyModel.Tokens(60, 3); // its continuation crosses from the first page to the second

        var cached = Generate(model, [prompt], new GenerationOptions { MaxNewTokens = 20 })[0].Tokens;

        Assert.Equal(Uncached(model, prompt, 20), cached);
    }

    [Fact]
    public void A_sequence_is_the_same_alone_and_in_any_batch()
    {
        using var backend = new CpuBackend();
        using var model = Model(backend, "llama", 0);
        int[] lengths = [5, 70, 1, 33, 64, 12];
        var prompts = lengths.Select((length, seed) => TinyModel.Tokens(length, seed)).ToArray();
        var options = new GenerationOptions { MaxNewTokens = 15, Sampling = Sampled, StopTokenIds = [2, 3, 5] };

        var together = Generate(model, prompts, options, maxSequences: 6);
        var two = Generate(model, prompts, options, maxSequences: 2);
        var one = Generate(model, prompts, options, maxSequences: 1);

        Assert.Equal(one.Select(result => result.Tokens), together.Select(result => result.Tokens));
        Assert.Equal(one.Select(result => result.Tokens), two.Select(result => result.Tokens));
        Assert.Contains(one, result => result.Finish == FinishReason.StopToken);
        Assert.Contains(one, result => result.Finish == FinishReason.MaxNewTokens);
    }

    [Fact]
    public void Equal_prompts_draw_differently_and_again_the_same_for_the_same_seed()
    {
        using var backend = new CpuBackend();
        using var model = Model(backend, "llama", 0);
        var prompt = TinyModel.Tokens(4, 1);
        var options = new GenerationOptions { MaxNewTokens = 12, Sampling = Sampled };

        var first = Generate(model, [prompt, prompt], options);
        var second = Generate(model, [prompt, prompt], options);
        var reseeded = Generate(model, [prompt], options with { Sampling = Sampled with { Seed = 10 } });

        Assert.NotEqual(first[0].Tokens, first[1].Tokens);
        Assert.Equal(first.Select(result => result.Tokens), second.Select(result => result.Tokens));
        Assert.NotEqual(first[0].Tokens, reseeded[0].Tokens);
    }

    [Fact]
    public void A_stop_token_ends_its_sequence_and_is_its_last_token()
    {
        using var backend = new CpuBackend();
        using var model = Model(backend, "llama", 0);
        var prompt = TinyModel.Tokens(6, 2);
        var free = Generate(model, [prompt], new GenerationOptions { MaxNewTokens = 10 })[0].Tokens;

        var stopped = Generate(model, [prompt], new GenerationOptions { MaxNewTokens = 10, StopTokenIds = [free[4]] })[0];

        Assert.Equal(free[..(Array.IndexOf(free, free[4]) + 1)], stopped.Tokens);
        Assert.Equal(FinishReason.StopToken, stopped.Finish);
    }

    [Fact]
    public void Generation_ends_when_the_context_is_full_and_refuses_longer_prompts()
    {
        using var backend = new CpuBackend();
        using var model = Model(backend, "llama", 0);

        var full = Generate(model, [TinyModel.Tokens(250, 1)], new GenerationOptions { MaxNewTokens = 100 })[0];
        var exception = Assert.Throws<ArgumentException>(() => Generate(model, [[1], TinyModel.Tokens(257, 1)], new GenerationOptions()));

        Assert.Equal(7, full.Tokens.Length); // six more are read, and the last is only written
        Assert.Equal(FinishReason.ContextFull, full.Finish);
        Assert.Contains("Prompt 1 has 257 tokens, but this model takes at most 256", exception.Message);
    }

    [Fact]
    public void An_empty_prompt_is_refused()
    {
        using var backend = new CpuBackend();
        using var model = Model(backend, "llama", 0);

        Assert.Throws<ArgumentException>(() => Generate(model, [[]], new GenerationOptions()));
        Assert.Empty(Generate(model, [], new GenerationOptions()));
    }

    private static GenerationResult[] Generate(LlamaModel model, int[][] prompts, GenerationOptions options, int maxSequences = 16) =>
        new Generator(model, maxSequences: maxSequences).Generate(prompts, options, TestContext.Current.CancellationToken);

    private static LlamaModel Model(Backend backend, string type, int window) => LlamaModel.Initialize(
        backend, TinyModel.Config(type, json => json["sliding_window"] = window > 0 ? JsonValue.Create(window) : null), seed: 4);

    private static int[] Uncached(LlamaModel model, int[] prompt, int count)
    {
        var tokens = prompt.ToList();
        var logits = new float[TinyModel.Vocabulary];
        for (var i = 0; i < count; i++)
        {
            model.Logits(new PackedBatch([.. tokens], [0, tokens.Count]), [tokens.Count - 1], logits);
            tokens.Add(Array.IndexOf(logits, logits.Max()));
        }

        return [.. tokens[prompt.Length..]];
    }
}
