using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

/// <summary>Steps in which sequences decode in a batch of their own beside the prompts that are read.</summary>
public sealed class DecodingApartTests : IDisposable
{
    private readonly RecordingBackend _backend = new(new CpuBackend(1));
    private readonly LlamaModel _model;

    public DecodingApartTests() =>
        _model = LlamaModel.Initialize(_backend, TinyModel.Config("llama", json => json["max_position_embeddings"] = 4096), seed: 4);

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decoding_is_run_as_recorded_while_a_prompt_is_read_where_it_is_apart(bool apart)
    {
        using var scheduler = new Scheduler(
            _model, null, new SchedulerOptions { StepTokens = 128, CacheTokens = 8192, DecodesApart = apart });
        Add(scheduler, count: 3);
        for (var step = 0; step < 4; step++)
        {
            scheduler.Step();
        }

        scheduler.Add(TinyModel.Tokens(1000, 5), new GenerationOptions { MaxNewTokens = 1 });
        while (scheduler.Running == 3)
        {
            scheduler.Step();
        }

        var (steps, before) = (1000 / 128, _backend.Recordings.Runs);
        for (var step = 0; step < steps; step++)
        {
            Assert.Equal(3, scheduler.Step().Count);
        }

        // Where the rotary table grows for the prompt, a step is run operation by operation once more.
        var runs = _backend.Recordings.Runs - before;
        Assert.InRange(runs, apart ? steps - 2 : 0, apart ? steps : 0);
    }

    [Fact]
    public void What_warms_up_is_recorded_and_leaves_nothing_behind()
    {
        var options = new GenerationOptions { MaxNewTokens = 12 };
        using var cold = Open();
        using var warm = Open();
        warm.WarmUp();

        Assert.Equal((1, 2), _backend.Recordings);
        Assert.Equal((0, 0L, 0L, 0), (warm.Count, warm.LookedUpTokens, warm.ReusedTokens, warm.HeldTokens));
        cold.Add(TinyModel.Tokens(70, 5), options);
        warm.Add(TinyModel.Tokens(70, 5), options);
        Assert.Equal(cold.ToEnd().ToList(), warm.ToEnd().ToList());
    }

    [Fact]
    public void Prompts_that_come_one_after_the_other_are_read_together_and_none_waits_long()
    {
        using var scheduler = Open();
        Add(scheduler, count: 24);
        scheduler.Step();
        var joins = new List<int>();
        for (var step = 0; step < 40; step++)
        {
            var running = scheduler.Running;
            Add(scheduler, count: 1);
            scheduler.Step();
            joins.Add(scheduler.Running - running);
        }

        // 1 + 2 + … + 7 = 28: so many steps seven prompts have waited together before they are read.
        Assert.Equal([0, 0, 0, 0, 0, 0, 7], joins[..7]);
        Assert.InRange(joins.Max(), 7, PromptGathering.MostSteps + 1);
    }

    [Fact]
    public void A_prompt_that_nothing_follows_waits_so_many_steps_at_most()
    {
        using var scheduler = Open();
        Add(scheduler, count: 60);
        scheduler.Step();
        Add(scheduler, count: 1);
        for (var step = 0; step < PromptGathering.MostSteps; step++)
        {
            scheduler.Step();
            Assert.Equal(60, scheduler.Running);
        }

        scheduler.Step();
        Assert.Equal(61, scheduler.Running);
    }

    [Fact]
    public void Beside_one_that_decodes_a_prompt_does_not_wait()
    {
        using var scheduler = Open();
        Add(scheduler, count: 1);
        scheduler.Step();
        Add(scheduler, count: 1);
        scheduler.Step();
        Assert.Equal(2, scheduler.Running);
    }

    [Fact]
    public void A_sequence_that_is_read_again_while_its_last_token_is_drawn_gets_that_token()
    {
        int[] prompt = TinyModel.Tokens(20, seed: 1);
        var options = new GenerationOptions { MaxNewTokens = 10, Sampling = new SamplingOptions { Temperature = 1, Seed = 2 } };
        using var alone = Open();
        alone.Add(prompt, options);
        var expected = alone.ToEnd().Select(step => step.Token).ToArray();

        using var scheduler = Open();
        var sequence = scheduler.Add(prompt, options);
        List<GenerationEvent> events = [.. scheduler.Step(), .. scheduler.Step(), .. scheduler.Step()];
        _model.Weights.MarkChanged();
        scheduler.Add([7], options, stream: 1);
        events.AddRange(scheduler.ToEnd());
        Assert.Equal(expected, events.Where(step => step.Sequence == sequence).Select(step => step.Token));
    }

    private Scheduler Open() =>
        new(_model, null, new SchedulerOptions { MaxSequences = 100, StepTokens = 2048, CacheTokens = 16384 });

    private static void Add(Scheduler scheduler, int count)
    {
        for (var i = 0; i < count; i++)
        {
            scheduler.Add(TinyModel.Tokens(9, seed: i), new GenerationOptions { MaxNewTokens = 100 });
        }
    }
}
