using System.Text.Json;
using Rebound.Inference.Generation;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class SamplerTests
{
    private static readonly float[] Logits = [1, 3, 2, -1, 3];

    [Fact]
    public void Probabilities_are_those_of_transformers_logits_processors()
    {
        var rows = File.ReadLines(SharedData.Path("golden/samplers.jsonl")).ToArray();
        Assert.NotEmpty(rows);
        Assert.All(rows, line =>
        {
            var row = JsonDocument.Parse(line).RootElement;
            var options = new SamplingOptions
            {
                Temperature = row.GetProperty("temperature").GetSingle(),
                TopK = row.GetProperty("top_k").GetInt32(),
                TopP = row.GetProperty("top_p").GetSingle(),
                MinP = row.GetProperty("min_p").GetSingle(),
                RepetitionPenalty = row.GetProperty("repetition_penalty").GetSingle(),
            };
            float[] logits = [.. row.GetProperty("logits").EnumerateArray().Select(value => value.GetSingle())];
            int[] history = [.. row.GetProperty("history").EnumerateArray().Select(value => value.GetInt32())];
            double[] expected = [.. row.GetProperty("probs").EnumerateArray().Select(value => value.GetDouble())];

            var actual = new double[logits.Length];
            new Sampler(logits.Length).Probabilities(actual, logits, history, options);

            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
            Assert.Equal(expected.Select(p => p > 0), actual.Select(p => p > 0));
        });
    }

    [Fact]
    public void Greedy_takes_the_first_of_the_largest_logits_after_the_repetition_penalty()
    {
        var sampler = new Sampler(Logits.Length);

        Assert.Equal(1, sampler.Choose(Logits, [], new SamplingOptions(), 0.99));
        Assert.Equal(4, sampler.Choose(Logits, [1, 1], new SamplingOptions { RepetitionPenalty = 1.1f }, 0.99));
        Assert.Equal(2, sampler.Choose(Logits, [1, 4, 3], new SamplingOptions { RepetitionPenalty = 2 }, 0.99));
    }

    [Fact]
    public void Tokens_as_likely_as_the_last_of_the_top_k_stay()
    {
        var probabilities = Probabilities(new SamplingOptions { Temperature = 1, TopK = 1 });

        Assert.Equal([0, 0.5, 0, 0, 0.5], probabilities);
    }

    [Fact]
    public void Top_p_zero_leaves_one_token()
    {
        var probabilities = Probabilities(new SamplingOptions { Temperature = 1, TopP = 0 });

        Assert.Single(probabilities, p => p > 0);
    }

    [Fact]
    public void Of_equally_likely_tokens_those_with_smaller_ids_go_first()
    {
        var logits = Enumerable.Repeat(1.5f, 40).ToArray();
        var probabilities = new double[logits.Length];

        new Sampler(logits.Length).Probabilities(probabilities, logits, [], new SamplingOptions { Temperature = 1, TopP = 0.24f });

        Assert.Equal([.. Enumerable.Repeat(0.0, 30), .. Enumerable.Repeat(0.1, 10)], probabilities);
    }

    [Fact]
    public void Draws_follow_the_probabilities()
    {
        var options = new SamplingOptions { Temperature = 1, TopK = 3 };
        var probabilities = Probabilities(options);
        var sampler = new Sampler(Logits.Length);
        const int Draws = 3000;
        var counts = new int[Logits.Length];
        for (var draw = 0; draw < Draws; draw++)
        {
            counts[sampler.Choose(Logits, [], options, (draw + 0.5) / Draws)]++;
        }

        // Evenly spaced draws miss an interval's length by at most one at each end.
        Assert.All(counts.Zip(probabilities), pair => Assert.InRange(pair.First, (pair.Second * Draws) - 2, (pair.Second * Draws) + 2));
    }

    [Fact]
    public void Every_option_out_of_range_is_named_at_once()
    {
        var options = new SamplingOptions { Temperature = -1, TopK = -2, TopP = 1.5f, MinP = float.NaN, RepetitionPenalty = 0 };

        var exception = Assert.Throws<ArgumentException>(options.Validate);

        Assert.All(
            ["temperature is -1", "top-k is -2", "top-p is 1.5", "min-p is NaN", "penalty is 0"],
            part => Assert.Contains(part, exception.Message));
    }

    private static double[] Probabilities(SamplingOptions options)
    {
        var probabilities = new double[Logits.Length];
        new Sampler(Logits.Length).Probabilities(probabilities, Logits, [], options);
        return probabilities;
    }
}
