using System.Text.Json;
using Rebound.Engine.Cpu;
using Rebound.Testing;

namespace Rebound.Engine.Tests.Cpu;

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
            int[] history = [.. row.GetProperty("history").EnumerateArray().Select(value => value.GetInt32())];
            var asked = new SamplingRow
            {
                Temperature = row.GetProperty("temperature").GetSingle(),
                TopK = row.GetProperty("top_k").GetInt32(),
                TopP = row.GetProperty("top_p").GetSingle(),
                MinP = row.GetProperty("min_p").GetSingle(),
                Edits = Repetition(row.GetProperty("repetition_penalty").GetSingle(), history),
            };
            float[] logits = [.. row.GetProperty("logits").EnumerateArray().Select(value => value.GetSingle())];
            double[] expected = [.. row.GetProperty("probs").EnumerateArray().Select(value => value.GetDouble())];

            var actual = new double[logits.Length];
            new Sampler(logits.Length).Probabilities(actual, logits, asked);

            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
            Assert.Equal(expected.Select(p => p > 0), actual.Select(p => p > 0));
        });
    }

    [Fact]
    public void Greedy_takes_the_first_of_the_largest_logits_after_the_repetition_penalty()
    {
        var sampler = new Sampler(Logits.Length);

        Assert.Equal(1, sampler.Choose(Logits, new SamplingRow()));
        Assert.Equal(4, sampler.Choose(Logits, new SamplingRow { Edits = Repetition(1.1f, 1, 1) }));
        Assert.Equal(2, sampler.Choose(Logits, new SamplingRow { Edits = Repetition(2, 1, 4, 3) }));
    }

    [Fact]
    public void Of_the_allowed_tokens_each_is_as_likely_as_beside_the_others_before()
    {
        var all = Probabilities(new SamplingRow { Temperature = 1 });
        var probabilities = Probabilities(new SamplingRow { Temperature = 1, Allowed = new ulong[] { 0b1_1001 } });

        Assert.Equal([0, 1, 2], new[] { 0, 3, 4 }.Select((token, i) => Math.Abs(
            probabilities[token] - (all[token] / (all[0] + all[3] + all[4]))) < 1e-6 ? i : -1));
        Assert.Equal((0, 0), (probabilities[1], probabilities[2]));
        Assert.Equal(4, new Sampler(Logits.Length).Choose(Logits, new SamplingRow { Allowed = new ulong[] { 0b1_1001 } }));
    }

    [Fact]
    public void Tokens_as_likely_as_the_last_of_the_top_k_stay()
    {
        var probabilities = Probabilities(new SamplingRow { Temperature = 1, TopK = 1 });

        Assert.Equal([0, 0.5, 0, 0, 0.5], probabilities);
    }

    [Fact]
    public void Top_p_zero_leaves_one_token()
    {
        var probabilities = Probabilities(new SamplingRow { Temperature = 1, TopP = 0 });

        Assert.Single(probabilities, p => p > 0);
    }

    [Fact]
    public void Of_equally_likely_tokens_those_with_smaller_ids_go_first()
    {
        var logits = Enumerable.Repeat(1.5f, 40).ToArray();
        var probabilities = new double[logits.Length];

        new Sampler(logits.Length).Probabilities(probabilities, logits, new SamplingRow { Temperature = 1, TopP = 0.24f });

        Assert.Equal([.. Enumerable.Repeat(0.0, 30), .. Enumerable.Repeat(0.1, 10)], probabilities);
    }

    [Fact]
    public void Draws_follow_the_probabilities()
    {
        var row = new SamplingRow { Temperature = 1, TopK = 3 };
        var probabilities = Probabilities(row);
        var sampler = new Sampler(Logits.Length);
        const int Draws = 3000;
        var counts = new int[Logits.Length];
        for (var draw = 0; draw < Draws; draw++)
        {
            counts[sampler.Choose(Logits, row with { Uniform = (draw + 0.5) / Draws })]++;
        }

        // Evenly spaced draws miss an interval's length by at most one at each end.
        Assert.All(counts.Zip(probabilities), pair => Assert.InRange(pair.First, (pair.Second * Draws) - 2, (pair.Second * Draws) + 2));
    }

    [Fact]
    public void An_edit_adds_then_penalizes_then_adds()
    {
        var sampler = new Sampler(Logits.Length);
        SamplingRow Edited(LogitEdit edit) => new() { Edits = new[] { edit } };

        Assert.Equal(3, sampler.Choose(Logits, Edited(new LogitEdit(3, 5, 1.3f, 0))));
        Assert.Equal(1, sampler.Choose(Logits, Edited(new LogitEdit(3, 5, 1.4f, 0))));
        Assert.Equal(3, sampler.Choose(Logits, Edited(new LogitEdit(3, -1, 2, 7.1f))));
        Assert.Equal(1, sampler.Choose(Logits, Edited(new LogitEdit(3, -1, 2, 6.9f))));
    }

    private static double[] Probabilities(SamplingRow row)
    {
        var probabilities = new double[Logits.Length];
        new Sampler(Logits.Length).Probabilities(probabilities, Logits, row);
        return probabilities;
    }

    private static LogitEdit[] Repetition(float penalty, params int[] history) =>
        [.. history.Distinct().Select(token => new LogitEdit(token, 0, penalty, 0))];
}
