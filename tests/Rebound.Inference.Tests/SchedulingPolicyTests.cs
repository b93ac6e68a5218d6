using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class SchedulingPolicyTests : IDisposable
{
    private const int StepTokens = 128;

    private readonly CpuBackend _backend = new(1);
    private readonly LlamaModel _model;

    public SchedulingPolicyTests() =>
        _model = LlamaModel.Initialize(_backend, TinyModel.Config("llama", json => json["max_position_embeddings"] = 4096), seed: 4);

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void Answers_go_on_in_every_step_while_a_long_prompt_is_read()
    {
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { StepTokens = StepTokens, CacheTokens = 8192 });
        int[] running = [.. Enumerable.Range(0, 3).Select(seed => scheduler.Add(TinyModel.Tokens(9, seed), Tokens(100)))];
        scheduler.Step();
        var longPrompt = scheduler.Add(TinyModel.Tokens(2000, 5), Tokens(2));

        var steps = 0;
        IReadOnlyList<GenerationEvent> events;
        do
        {
            events = scheduler.Step();
            Assert.Equal(running, events.Select(step => step.Sequence).Where(sequence => sequence != longPrompt));
            steps++;
        }
        while (events.Count == running.Length);

        Assert.InRange(steps, 2000 / StepTokens, 2 * 2000 / StepTokens);
    }

    [Fact]
    public void A_short_prompt_that_comes_late_does_not_wait_for_long_ones_before_it()
    {
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { StepTokens = 4 * StepTokens, CacheTokens = 8192 });
        var first = scheduler.Add(TinyModel.Tokens(3000, 1), Tokens(1));
        scheduler.Step();
        var second = scheduler.Add(TinyModel.Tokens(20, 2), Tokens(1));

        Assert.Equal([second], scheduler.Step().Select(step => step.Sequence));
        Assert.Equal(1, scheduler.Running);
        Assert.All(scheduler.ToEnd(), step => Assert.Equal(first, step.Sequence));
    }

    [Fact]
    public void The_youngest_waits_where_pages_run_out_and_goes_on_where_it_was()
    {
        int[][] prompts = [TinyModel.Tokens(30, 1), TinyModel.Tokens(30, 2), TinyModel.Tokens(30, 3)];
        var alone = prompts.Select(prompt => Generator.Greedy(_model, prompt, 120)).ToArray();
        using var scheduler = new Scheduler(_model, null, new SchedulerOptions { CacheTokens = 6 * PageTable.PageTokens });
        Array.ForEach(prompts, prompt => scheduler.Add(prompt, Tokens(120)));
        var (tokens, ends) = (prompts.Select(_ => new List<int>()).ToArray(), new List<int>());
        foreach (var step in scheduler.ToEnd())
        {
            tokens[step.Sequence].Add(step.Token);
            ends.AddRange(step.Finish is null ? [] : [step.Sequence]);
        }

        Assert.Equal(alone, tokens.Select(sequence => sequence.ToArray()));
        Assert.Equal([0, 1, 2], ends);
        Assert.Equal(1, scheduler.Preemptions);
    }

    [Fact]
    public void Options_that_allow_nothing_are_refused_all_at_once()
    {
        var problem = Assert.Throws<ArgumentException>(() => new Scheduler(_model, null, new SchedulerOptions { MaxSequences = 0, StepTokens = 0, CacheTokens = -1 }));

        Assert.Contains("sequences is 0", problem.Message);
        Assert.Contains("step's tokens is 0", problem.Message);
        Assert.Contains("cache's tokens is -1", problem.Message);
    }

    private static GenerationOptions Tokens(int count) => new() { MaxNewTokens = count };
}
