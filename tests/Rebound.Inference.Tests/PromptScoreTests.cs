using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

/// <summary>Log-probabilities of a prompt's tokens are those of the logits of all its tokens, however it is read.</summary>
public sealed class PromptScoreTests
{
    private const int PageTokens = PageTable.PageTokens;

    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("mistral_gqa")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    public void They_are_those_of_transformers(string name)
    {
        var folder = SharedData.Path($"golden/models/{name}");
        using var backend = new CpuBackend(1);
        var config = LlamaConfig.Parse(JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject(), folder);
        using var source = new SafetensorsFolder(folder);
        using var model = LlamaModel.Load(backend, config, source);
        AssertThoseOf(model, Path.Combine(folder, "expected.safetensors"));
    }

    [Fact]
    public void They_are_those_of_transformers_for_a_real_model_and_text()
    {
        using var source = new GgufFile(SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        using var backend = new CpuBackend(storedWeights: false);
        using var model = LlamaModel.Load(backend, LlamaConfig.Parse(source.Config, source.Location), source);
        AssertThoseOf(model, SharedData.Path("golden/smollm2/expected.safetensors"));
    }

    [Fact]
    public void A_beginning_that_is_in_the_cache_is_computed_again_and_kept_for_others()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 2, CacheTokens = 1024 });
        var prompt = TinyModel.Tokens(150, 1);
        var fresh = Score(scheduler, prompt);
        var known = Score(scheduler, prompt);
        var reused = scheduler.ReusedTokens;
        scheduler.Add(prompt, new GenerationOptions { MaxNewTokens = 2 });
        var plain = scheduler.ToEnd().ToArray();

        Assert.Equal(0, reused);
        AssertSame(Reference(model, prompt, 4), fresh);
        AssertSame(fresh, known);
        Assert.Equal(2 * PageTokens, plain[0].ReusedTokens);
        Assert.All(plain, step => Assert.Empty(step.Prompt));
    }

    [Fact]
    public void They_are_given_once_with_the_first_token_and_change_nothing_of_what_is_drawn()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend);
        var prompt = TinyModel.Tokens(100, 3);
        var guidance = new Guidance(TinyModel.Tokens(130, 4), 1.5f);
        foreach (var opposite in new[] { null, guidance })
        {
            var options = new GenerationOptions { MaxNewTokens = 5, Sampling = new SamplingOptions { Temperature = 1, Seed = 2 } };
            using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 2, CacheTokens = 1024, StepTokens = 70 });
            scheduler.Add(prompt, options, guidance: opposite);
            var plain = scheduler.ToEnd().ToArray();
            scheduler.Add(prompt, options with { PromptLikeliestTokens = 0 }, guidance: opposite);
            var scored = scheduler.ToEnd().ToArray();

            Assert.Equal(plain.Select(step => step.Token), scored.Select(step => step.Token));
            AssertSame(Reference(model, prompt, 0), scored[0].Prompt);
            Assert.All(scored[1..], step => Assert.Empty(step.Prompt));
        }
    }

    [Fact]
    public void A_prompt_of_one_token_has_none()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 1, CacheTokens = 64 });

        Assert.Empty(Score(scheduler, [5]));
        Assert.Single(Score(scheduler, [5, 6]));
    }

    [Fact]
    public void Long_prompts_are_read_in_bounded_steps_in_which_others_go_on()
    {
        const int MostScored = 512;
        using var backend = new CpuBackend(1, batchInvariant: true);
        using var model = Model(backend);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 4, CacheTokens = 8192, StepTokens = 4096 });
        var decoding = scheduler.Add(TinyModel.Tokens(9, 1), new GenerationOptions { MaxNewTokens = 100 });
        scheduler.Step();
        int[][] prompts = [TinyModel.Tokens(1100, 2), TinyModel.Tokens(700, 3)];
        var numbers = prompts.Select(prompt => scheduler.Add(prompt, Scoring(1, 2))).ToList();
        var scores = new IReadOnlyList<ScoredToken>?[2];
        var steps = 0;
        for (; scores.Contains(null); steps++)
        {
            var events = scheduler.Step();
            Assert.InRange(scheduler.StepTokens, 1, MostScored + 1 + prompts.Length);
            Assert.Contains(events, step => step.Sequence == decoding);
            foreach (var scored in events.Where(step => step.Sequence != decoding && step.Prompt.Count > 0))
            {
                scores[numbers.IndexOf(scored.Sequence)] = scored.Prompt;
            }
        }

        Assert.InRange(steps, 1800 / MostScored, 6);
        Assert.All(prompts.Zip(scores), pair => AssertSame(Reference(model, pair.First, 2), pair.Second!));
    }

    [Fact]
    public void Of_weights_that_change_meanwhile_the_new_ones_count()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend);
        using var others = LlamaModel.Initialize(backend, model.Config, seed: 5);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 1, CacheTokens = 2048 });
        var prompt = TinyModel.Tokens(900, 1);
        scheduler.Add(prompt, Scoring(1, 0));
        Assert.Empty(scheduler.Step());
        model.Weights.Load(others.Weights);

        AssertSame(Reference(others, prompt, 0), scheduler.ToEnd().Single().Prompt);
    }

    [Fact]
    public void A_logit_that_is_no_number_is_told()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend);
        model.Weights["lm_head.weight"].AsSpan<float>()[3] = float.NaN;
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 1, CacheTokens = 256 });
        scheduler.Add(TinyModel.Tokens(20, 1), Scoring(1, 0));

        Assert.Contains("lm_head.weight has NaN", Assert.Throws<NotFiniteException>(() => scheduler.Step()).Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(21)]
    public void More_likeliest_tokens_than_there_can_be_are_refused(int likeliest) => Assert.Contains(
        "0 to 20", Assert.Throws<ArgumentException>(() => Scoring(1, likeliest).Validate()).Message);

    /// <summary>The scores by logits of a pass over the whole prompt, in fp64.</summary>
    internal static ScoredToken[] Reference(LlamaModel model, int[] prompt, int likeliest)
    {
        var vocabulary = model.Config.VocabularySize;
        var logits = new float[prompt.Length * vocabulary];
        model.Logits(new PackedBatch(prompt, [0, prompt.Length]), logits);
        return Reference(logits, prompt, vocabulary, likeliest);
    }

    internal static void AssertSame(IReadOnlyList<ScoredToken> expected, IReadOnlyList<ScoredToken> actual, float tolerance = 2e-5f)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (wanted, got) in expected.Zip(actual))
        {
            Assert.Equal((wanted.Token, wanted.Rank), (got.Token, got.Rank));
            Assert.Equal(wanted.LogProbability, got.LogProbability, tolerance);
            Assert.Equal(wanted.Likeliest.Select(likely => likely.Token), got.Likeliest.Select(likely => likely.Token));
            Assert.All(wanted.Likeliest.Zip(got.Likeliest), pair =>
                Assert.Equal(pair.First.LogProbability, pair.Second.LogProbability, tolerance));
        }
    }

    private static ScoredToken[] Reference(float[] logits, int[] prompt, int vocabulary, int likeliest) =>
    [
        .. Enumerable.Range(0, prompt.Length - 1).Select(position =>
        {
            var row = logits.AsSpan(position * vocabulary, vocabulary).ToArray();
            var largest = row.Max();
            var logSumExp = largest + Math.Log(row.Sum(logit => Math.Exp((double)logit - largest)));
            var order = Enumerable.Range(0, vocabulary).OrderByDescending(token => row[token]).ToArray();
            var token = prompt[position + 1];
            return new ScoredToken(
                token, (float)(row[token] - logSumExp), 1 + Array.IndexOf(order, token),
                [.. order.Take(likeliest).Select(likely => new LikelyToken(likely, (float)(row[likely] - logSumExp)))]);
        }),
    ];

    private static void AssertThoseOf(LlamaModel model, string expected)
    {
        const int Likeliest = 3;
        using var file = new SafetensorsFile(expected);
        var shape = file.Tensors["logits"].Shape;
        var (rows, columns, vocabulary) = ((int)shape[0], (int)shape[1], (int)shape[2]);
        var (tokens, logits) = (file.ReadInt32("input_ids"), new float[rows * columns * vocabulary]);
        file.Read("logits", logits);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = rows, CacheTokens = rows * 64 });
        for (var row = 0; row < rows; row++)
        {
            scheduler.Add(tokens[(row * columns)..((row + 1) * columns)], Scoring(1, Likeliest));
        }

        foreach (var scored in scheduler.ToEnd())
        {
            var (first, end) = (scored.Sequence * columns, (scored.Sequence + 1) * columns);
            var wanted = Reference(logits[(first * vocabulary)..(end * vocabulary)], tokens[first..end], vocabulary, Likeliest);
            AssertSame(wanted, scored.Prompt, tolerance: 1e-3f);
        }
    }

    private static IReadOnlyList<ScoredToken> Score(Scheduler scheduler, int[] prompt)
    {
        scheduler.Add(prompt, Scoring(1, 4));
        return scheduler.ToEnd().Single().Prompt;
    }

    private static GenerationOptions Scoring(int tokens, int likeliest) =>
        new() { MaxNewTokens = tokens, PromptLikeliestTokens = likeliest };

    private static LlamaModel Model(Backend backend) =>
        LlamaModel.Initialize(backend, TinyModel.Config("llama", json => json["max_position_embeddings"] = 2048), seed: 4);
}
