using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class SchedulerTests : IDisposable
{
    private const int CacheTokens = 512;
    private static readonly SamplingOptions Sampled = new() { Temperature = 1, TopP = 0.95f, Seed = 3 };

    private readonly CpuBackend _backend = new();
    private readonly LlamaModel _model;

    public SchedulerTests() => _model = LlamaModel.Initialize(_backend, TinyModel.Config(), seed: 4);

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void A_sequence_draws_the_same_whenever_it_joins()
    {
        var options = new GenerationOptions { MaxNewTokens = 12, Sampling = Sampled };
        int[][] prompts = [TinyModel.Tokens(5, 1), TinyModel.Tokens(70, 2), TinyModel.Tokens(9, 3)];
        var alone = prompts.Select((prompt, stream) => Run([prompt], options, stream)[0]).ToArray();

        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { MaxSequences = 2, CacheTokens = CacheTokens });
        var tokens = prompts.Select(_ => new List<int>()).ToArray();
        for (var step = 0; step < 100 && (scheduler.Count > 0 || step == 0); step++)
        {
            // One joins every third step; the last has to wait for a place.
            if (step % 3 == 0 && step / 3 < prompts.Length)
            {
                Assert.Equal(step / 3, scheduler.Add(prompts[step / 3], options, (ulong)(step / 3)));
            }

            Collect(scheduler.Step(), tokens);
        }

        Assert.Equal(alone, tokens);
    }

    [Fact]
    public void What_leaves_makes_room_for_what_waits()
    {
        var options = new GenerationOptions { MaxNewTokens = 30 };
        var prompt = TinyModel.Tokens(6, 1);
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { MaxSequences = 8, CacheTokens = 64 });
        var first = scheduler.Add(TinyModel.Tokens(20, 2), options);
        var second = scheduler.Add(prompt, options);

        Assert.Equal([first], scheduler.Step().Select(step => step.Sequence));
        Assert.Equal([first], scheduler.Step().Select(step => step.Sequence));
        scheduler.Cancel(first);
        Assert.Equal([second], scheduler.Step().Select(step => step.Sequence));
        scheduler.Cancel(second);

        Assert.Equal(0, scheduler.Count);
        Assert.Empty(scheduler.Step());
    }

    [Fact]
    public void What_the_cache_can_never_hold_is_refused()
    {
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { MaxSequences = 1, CacheTokens = 64 });

        var problem = Assert.Throws<ArgumentException>(() => scheduler.Add(TinyModel.Tokens(50, 1), new GenerationOptions { MaxNewTokens = 20 }));

        Assert.Contains("the cache holds 64", problem.Message);
        Assert.Equal(0, scheduler.Count);
    }

    [Fact]
    public void Guidance_decodes_from_both_prompts_logits_at_every_step()
    {
        const float weight = 1.5f;
        var (wanted, unwanted) = (TinyModel.Tokens(8, 1), TinyModel.Tokens(66, 2));

        var guided = Run([wanted], new GenerationOptions { MaxNewTokens = 15 }, guidance: new Guidance(unwanted, weight))[0];

        var expected = new List<int>();
        for (var step = 0; step < 15; step++)
        {
            var (p, n) = (Logits([.. wanted, .. expected]), Logits([.. unwanted, .. expected]));
            var logits = p.Zip(n, (own, opposite) => own + (weight * (own - opposite))).ToArray();
            expected.Add(Array.IndexOf(logits, logits.Max()));
        }

        Assert.Equal(expected, guided);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1.5f)]
    public void The_log_probability_is_the_models_own_before_sampling_and_guidance(float? weight)
    {
        var prompt = TinyModel.Tokens(8, 1);
        var guidance = weight is { } w ? new Guidance(TinyModel.Tokens(66, 2), w) : null;
        var sampling = new SamplingOptions { Temperature = 0.5f, TopK = 3, RepetitionPenalty = 1.3f, Seed = 3 };
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { MaxSequences = 1, CacheTokens = CacheTokens });
        scheduler.Add(prompt, new GenerationOptions { MaxNewTokens = 12, Sampling = sampling }, guidance: guidance);
        var tokens = new List<int>(prompt);
        while (scheduler.Count > 0)
        {
            var chosen = Assert.Single(scheduler.Step());
            double[] logits = [.. Logits([.. tokens]).Select(logit => (double)logit)];
            var expected = logits[chosen.Token] - Math.Log(logits.Sum(Math.Exp));
            Assert.Equal(expected, chosen.LogProbability, 1e-4);
            tokens.Add(chosen.Token);
        }
    }

    [Fact]
    public void Guidance_of_no_weight_changes_nothing_and_shares_a_batch_with_others()
    {
        var options = new GenerationOptions { MaxNewTokens = 10, Sampling = Sampled };
        var prompt = TinyModel.Tokens(8, 1);
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { MaxSequences = 3, CacheTokens = CacheTokens });
        List<int>[] tokens = [[], [], []];
        scheduler.Add(prompt, options);
        scheduler.Add(prompt, options, guidance: new Guidance(TinyModel.Tokens(30, 2), 0));
        scheduler.Add(prompt, options, guidance: new Guidance(TinyModel.Tokens(30, 2), 2));
        Collect(scheduler.ToEnd(), tokens);

        Assert.Equal(tokens[0], tokens[1]);
        Assert.NotEqual(tokens[0], tokens[2]);
    }

    [Fact]
    public void Guidance_ends_where_the_longer_conversation_fills_the_context()
    {
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { MaxSequences = 1, CacheTokens = CacheTokens });
        scheduler.Add([1], new GenerationOptions { MaxNewTokens = 100 }, guidance: new Guidance(TinyModel.Tokens(250, 1), 1));
        var events = scheduler.ToEnd().ToArray();

        Assert.Equal(7, events.Length);
        Assert.Equal(FinishReason.ContextFull, events[^1].Finish);
        Assert.Throws<ArgumentException>(() => scheduler.Add([1], new GenerationOptions(), guidance: new Guidance([2], float.NaN)));
    }

    private List<int>[] Run(int[][] prompts, GenerationOptions options, int stream = 0, Guidance? guidance = null)
    {
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { MaxSequences = prompts.Length, CacheTokens = CacheTokens });
        foreach (var prompt in prompts)
        {
            scheduler.Add(prompt, options, (ulong)stream, guidance);
        }

        var tokens = prompts.Select(_ => new List<int>()).ToArray();
        Collect(scheduler.ToEnd(), tokens);

        return tokens;
    }

    private static void Collect(IEnumerable<GenerationEvent> events, List<int>[] tokens)
    {
        foreach (var step in events)
        {
            tokens[step.Sequence].Add(step.Token);
        }
    }

    private float[] Logits(int[] tokens)
    {
        var logits = new float[TinyModel.Vocabulary];
        _model.Logits(new PackedBatch(tokens, [0, tokens.Length]), [tokens.Length - 1], logits);
        return logits;
    }
}
