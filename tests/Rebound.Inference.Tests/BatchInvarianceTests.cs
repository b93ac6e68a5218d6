using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class BatchInvarianceTests
{
    private const int Others = 200;
    private const ulong Stream = 7;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 120)]
    [InlineData(1, 40)]
    public void Tokens_and_log_probabilities_are_the_same_bits_alone_and_among_others(float temperature, int promptTokens)
    {
        using var backend = new CpuBackend(2, batchInvariant: true);
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 4);
        var options = new GenerationOptions { MaxNewTokens = 30, Sampling = new SamplingOptions { Temperature = temperature, Seed = 5 } };
        var prompt = TinyModel.Tokens(promptTokens, 1);

        var alone = Generate(model, options, prompt, others: 0);
        var among = Generate(model, options, prompt, Others);

        Assert.Equal(30, alone.Length);
        Assert.All(alone, chosen => Assert.True(chosen.LogProbability < 0));
        Assert.Equal(alone, among);
    }

    private static (int Token, float LogProbability)[] Generate(LlamaModel model, GenerationOptions options, int[] prompt, int others)
    {
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 64, StepTokens = 256 });
        var random = new Random(others);
        for (var i = 0; i < others; i++)
        {
            Add(TinyModel.Tokens(random.Next(1, 100), i + 2));
        }

        // It begins while others are written, and another one begins as it does.
        var number = scheduler.Add(prompt, options, Stream);
        if (others > 0)
        {
            Add([.. prompt, 3]);
        }

        return
        [
            .. scheduler.ToEnd().Where(chosen => chosen.Sequence == number).Select(chosen => (chosen.Token, chosen.LogProbability)),
        ];

        void Add(int[] other) => scheduler.Add(
            other, new GenerationOptions { MaxNewTokens = random.Next(1, 30), Sampling = new SamplingOptions { Temperature = 1 } });
    }
}
