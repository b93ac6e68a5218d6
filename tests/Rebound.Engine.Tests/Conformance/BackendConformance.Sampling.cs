using System.Numerics.Tensors;
using Rebound.Engine.Cpu;
using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    /// <summary>How far a draw may be from a boundary between two tokens by roundings of probabilities.</summary>
    private const double DrawTolerance = 1e-5;

    public static TheoryData<int, int> RowsAndVocabularies =>
        [
            .. from rows in new[] { 1, 300 } from vocabulary in new[] { 16, 63, 257, 4100 } select (rows, vocabulary),
            (3, 49_153), (2, 131_072),
        ];

    /// <summary>Rows of every kind, which differ in their draws.</summary>
    private static SamplingRow SampledRow(int index, int vocabulary)
    {
        var uniform = index % 3 == 0 ? 0 : index % 3 == 1 ? 1 - (1.0 / (1L << 53)) : (index * 0.6180339887) % 1;
        var row = new SamplingRow { Temperature = 0.5f + (index % 5 * 0.25f), Uniform = uniform, Likeliest = index % 7 == 2 ? 3 : 0 };
        row = (index % 9) switch
        {
            0 => row,
            1 => row with { Temperature = 0 },
            2 => row with { TopK = 1 + (index % 40) },
            3 => row with { TopP = 0.9f },
            4 => row with { MinP = 0.05f },
            5 => row with { TopK = 50, TopP = 0.8f, MinP = 0.02f },
            6 => row with { TopP = 0.3f, Temperature = 1.5f },
            7 => row with { TopK = vocabulary + 3, TopP = 0.99f },
            _ => row with { TopP = 0, Temperature = 2 },
        };
        if (index % 4 == 1)
        {
            row = row with
            {
                Edits = Enumerable.Range(0, Math.Min(vocabulary, 40)).Select(token => new LogitEdit(
                    (token * 7) % vocabulary, token % 3 * 0.5f, 1.2f, -0.25f * (token % 2))).DistinctBy(edit => edit.Token).ToArray(),
            };
        }

        if (index % 6 == 5)
        {
            row = row with { Allowed = Mask(vocabulary, token => (token + index) % 3 == 0 || token == index % vocabulary) };
        }

        return index % 5 == 4 ? row with { Guidance = 1.5f - (index % 4) } : row;
    }

    private static ulong[] Mask(int vocabulary, Func<int, bool> allows)
    {
        var mask = new ulong[(vocabulary + 63) / 64];
        foreach (var token in Enumerable.Range(0, vocabulary).Where(allows))
        {
            mask[token / 64] |= 1UL << (token % 64);
        }

        return mask;
    }

    [Fact]
    public void Tokens_that_may_not_come_are_never_drawn()
    {
        const int Vocabulary = 130;
        SamplingRow[] rows =
        [
            .. from allowed in new[] { new[] { 129 }, [0, 64, 65], [3, 100] }
               from row in new SamplingRow[]
               {
                   new(), new() { Temperature = 0.01f, TopK = 100 }, new() { Temperature = 50, TopP = 0.99f, Uniform = 0.999999 },
                   new() { Temperature = 1, MinP = 0.01f, Edits = new LogitEdit[] { new(3, 9, 1.3f, -1), new(4, 90, 1.3f, 0) } },
               }
               select row with { Allowed = Mask(Vocabulary, token => allowed.Contains(token)) },
        ];
        var drawn = Draw(rows, Logits(rows.Length, Vocabulary, seed: 2), Vocabulary);

        Assert.All(rows.Zip(drawn), pair => Assert.Equal(
            1UL, pair.First.Allowed.Span[pair.Second.Token / 64] >> (pair.Second.Token % 64) & 1));
    }

    [Theory]
    [MemberData(nameof(RowsAndVocabularies))]
    public void Sampling_draws_what_the_probabilities_say(int rows, int vocabulary)
    {
        var asked = Enumerable.Range(0, rows).Select(row => SampledRow(rows == 1 ? vocabulary : row + vocabulary, vocabulary)).ToArray();
        using var sampling = _backend.AllocateSampling(rows + 1, vocabulary);
        sampling.Refill(asked);
        var logits = Logits(sampling.LogitRows, vocabulary, seed: 5);
        var first = sampling.FirstLogitRow(rows / 3);
        _backend.Sample(sampling, Rows(logits, 0, first, vocabulary), 0, rows / 3);
        _backend.Sample(sampling, Rows(logits, first, sampling.LogitRows, vocabulary), rows / 3, rows - (rows / 3));
        var drawn = sampling.Read(sampling.Collect());

        Assert.Equal(rows, drawn.Length);
        for (var row = 0; row < rows; row++)
        {
            var own = logits.AsSpan(sampling.FirstLogitRow(row) * vocabulary, asked[row].LogitRows * vocabulary);
            AssertDrawn(asked[row], own, drawn[row], row);
        }
    }

    [Fact]
    public void Of_tied_logits_greedy_takes_the_smallest_id_and_filters_keep_or_remove_as_one_by_one()
    {
        const int Vocabulary = 5003;
        var logits = new float[Vocabulary];
        for (var token = 0; token < Vocabulary; token++)
        {
            logits[token] = token * 37 % 5 * 0.5f;
        }

        SamplingRow[] rows =
        [
            new(), new() { Temperature = 1, TopK = 1 }, new() { Temperature = 1, TopK = 1500 }, new() { Temperature = 1, TopP = 0.3f },
            new() { Temperature = 1, TopP = 0.5f, Uniform = 0.999 }, new() { Temperature = 0.7f, TopK = 1200, TopP = 0.61f, Uniform = 0.2 },
            new() { Temperature = 1, MinP = 0.5f, Uniform = 0.7 }, new() { Temperature = 1, TopP = 0 },
            new() { Temperature = 1, TopP = 0.9f, Uniform = 0.00004, Likeliest = 20 },
        ];
        var drawn = Draw(rows, [.. Enumerable.Repeat(logits, rows.Length).SelectMany(row => row)], Vocabulary);
        for (var row = 0; row < rows.Length; row++)
        {
            AssertDrawn(rows[row], logits, drawn[row], row);
        }

        Assert.Equal(2, drawn[0].Token);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => 2 + (5 * i)), drawn[8].Likeliest.ToArray().Select(likely => likely.Token));
    }

    [Fact]
    public void Draws_come_as_often_as_their_probabilities()
    {
        const int Draws = 20_000;
        const int Rows = 1000;
        const int Vocabulary = 40;
        var logits = Logits(1, Vocabulary, seed: 8);
        var row = new SamplingRow { Temperature = 1.3f, TopK = 30, TopP = 0.97f, Edits = new LogitEdit[] { new(3, 1, 1.1f, 2) } };
        var probabilities = new double[Vocabulary];
        new Sampler(Vocabulary).Probabilities(probabilities, logits, row);
        var repeated = Enumerable.Repeat(logits, Rows).SelectMany(values => values).ToArray();
        var counts = new int[Vocabulary];
        var random = new Random(11);
        for (var launch = 0; launch < Draws / Rows; launch++)
        {
            var rows = Enumerable.Range(0, Rows).Select(_ => row with { Uniform = random.NextDouble() }).ToArray();
            foreach (var drawn in Draw(rows, repeated, Vocabulary))
            {
                counts[drawn.Token]++;
            }
        }

        var possible = Enumerable.Range(0, Vocabulary).Where(token => probabilities[token] > 0).ToArray();
        var square = possible.Sum(token => Math.Pow(counts[token] - (Draws * probabilities[token]), 2) / (Draws * probabilities[token]));
        Assert.Equal(Draws, possible.Sum(token => counts[token]));

        // Chi-square of n degrees of freedom has the mean n and the variance 2n.
        Assert.InRange(square, 0, possible.Length - 1 + (5 * Math.Sqrt(2 * (possible.Length - 1))));
    }

    [Fact]
    public void Two_collections_are_kept_and_older_ones_are_refused()
    {
        using var sampling = _backend.AllocateSampling(2, 4);
        var logits = _memory.Floats([0, 9, 1, 2], 1, 4);
        sampling.Refill([new() { Edits = new LogitEdit[] { new(1, 0, 1, -20) }, Likeliest = 1 }]);
        _backend.Sample(sampling, logits, 0, 1);
        var first = sampling.Collect();
        sampling.Refill([new() { Likeliest = 4 }, new()]);
        _backend.Sample(sampling, _memory.Floats([4, 3, 2, 1, 1, 2, 3, 4], 2, 4), 0, 2);
        var second = sampling.Collect();

        var kept = sampling.Read(first)[0];
        Assert.Equal((3, 1, 1), (kept.Token, kept.Likeliest.Length, kept.Likeliest.Span[0].Token));
        Assert.Equal([0, 3], sampling.Read(second).ToArray().Select(drawn => drawn.Token));
        Assert.Equal([0, 1, 2, 3], sampling.Read(second)[0].Likeliest.ToArray().Select(likely => likely.Token));
        sampling.Collect();
        Assert.Throws<InvalidOperationException>(() => sampling.Read(first));
        Assert.Throws<InvalidOperationException>(() => sampling.Read(default));
    }

    [Fact]
    public void Drawn_tokens_are_fed_back()
    {
        const int Width = 5;
        using var sampling = _backend.AllocateSampling(3, 7);
        sampling.Refill([new(), new() { Temperature = 1 }, new()]);
        var logits = new double[3 * 7];
        (logits[6], logits[7 + 2], logits[14 + 4]) = (1, 1000, double.NaN);
        _backend.Sample(sampling, _memory.Floats(logits, 3, 7), 0, 3);

        var weight = Normal(7 * Width, 1);
        var (output, table) = (_memory.Garbage(4, Width), _memory.Of(weight, 7, Width));
        using var prepared = _backend.AllocateBatch(new BatchCapacity(6, 6));
        var batch = new PackedBatch([5, 0, 0, 0], [0, 2, 3, 4]);
        prepared.Refill(batch, [], sources: [-1, 1, 0, 2]);
        sampling.Refill([new()]);
        _backend.FeedDrawn(prepared, sampling);
        _backend.EmbeddingForward(output, table, prepared);
        Assert.Equal(ScalarReference.EmbeddingForward(weight, [5, 2, 6, 0], Width), _memory.Read(output));

        prepared.Refill(batch, []);
        _backend.FeedDrawn(prepared, sampling);
        _backend.EmbeddingForward(output, table, prepared);
        Assert.Equal(ScalarReference.EmbeddingForward(weight, [5, 0, 0, 0], Width), _memory.Read(output));
        AssertRefused("Refill", "sources", () => prepared.Refill(batch, [], sources: [0, 0, 0]));
        AssertRefused("Refill", "sources", () => prepared.Refill(batch, [], sources: [0, 0, 0, -2]));
        prepared.Refill(batch, [], sources: [0, 0, 0, 3]);
        AssertRefused("FeedDrawn", "batch", () => _backend.FeedDrawn(prepared, sampling));
    }

    [Fact]
    public void Rows_outside_of_their_range_are_refused()
    {
        using var sampling = _backend.AllocateSampling(2, 10);
        sampling.Refill([new() { Guidance = 1 }]);
        SamplingRow[] wrong =
        [
            new() { Temperature = -1 }, new() { Temperature = float.NaN }, new() { TopK = -1 }, new() { TopP = 1.1f },
            new() { MinP = -0.1f },
            new() { Uniform = 1 }, new() { Likeliest = 21 }, new() { Guidance = float.NaN },
            new() { Edits = new LogitEdit[] { new(10, 0, 1, 0) } }, new() { Allowed = new ulong[1] }, new() { Allowed = new ulong[] { 1, 0 } },
        ];
        Assert.All(wrong, row => Assert.Throws<ArgumentException>(() => sampling.Refill([row])));
        AssertRefused("Refill", "rows", () => sampling.Refill(new SamplingRow[3]));
        Assert.Equal((1, 2), (sampling.Count, sampling.LogitRows));
        AssertRefused("Sample", "logits", () => _backend.Sample(sampling, _memory.GarbageFloats(1, 10), 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _backend.Sample(sampling, _memory.GarbageFloats(2, 10), 0, 2));
    }

    [Theory]
    [InlineData(float.NaN, 0, 0f)]
    [InlineData(float.PositiveInfinity, 0, 1f)]
    [InlineData(float.NegativeInfinity, 1, 1f)]
    [InlineData(float.NaN, 2, 1f)]
    public void A_logit_that_is_not_finite_is_told_instead_of_a_token(float value, int logitRow, float temperature)
    {
        const int Vocabulary = 1001;
        var row = new SamplingRow { Temperature = temperature, Likeliest = 2 };
        SamplingRow[] rows = [row, row with { Guidance = 2, TopP = 0.5f }, new()];
        var logits = Logits(4, Vocabulary, seed: 3);
        logits[(logitRow * Vocabulary) + 777] = value;
        var drawn = Draw(rows, logits, Vocabulary);
        var bad = logitRow == 0 ? 0 : 1;

        Assert.Equal((-1, value), (drawn[bad].Token, drawn[bad].LogProbability));
        Assert.True(drawn[bad].Likeliest.IsEmpty);
        Assert.All([1 - bad, 2], other => Assert.InRange(drawn[other].Token, 0, Vocabulary - 1));
    }

    private static float[] Logits(int rows, int vocabulary, int seed) =>
        Array.ConvertAll(Numbers.Normal(rows * vocabulary, seed, deviation: 3, mean: -2), value => (float)value);

    private Tensor Rows(float[] logits, int first, int end, int vocabulary) =>
        _memory.Floats(Array.ConvertAll(logits[(first * vocabulary)..(end * vocabulary)], value => (double)value), end - first, vocabulary);

    private SampledToken[] Draw(SamplingRow[] rows, float[] logits, int vocabulary)
    {
        using var sampling = _backend.AllocateSampling(rows.Length, vocabulary);
        sampling.Refill(rows);
        _backend.Sample(sampling, Rows(logits, 0, sampling.LogitRows, vocabulary), 0, rows.Length);
        return sampling.Read(sampling.Collect()).ToArray();
    }

    /// <summary>A token that the row's draw falls on, with its log-probability, and the likeliest ones.</summary>
    private static void AssertDrawn(SamplingRow row, ReadOnlySpan<float> logits, SampledToken drawn, int index)
    {
        var probabilities = new double[logits.Length / row.LogitRows];
        var own = logits[..probabilities.Length].ToArray();
        new Sampler(own.Length).Probabilities(probabilities, logits, row);
        Assert.True((uint)drawn.Token < (uint)own.Length && probabilities[drawn.Token] > 0, $"row {index} drew token {drawn.Token}");
        var before = probabilities.Take(drawn.Token).Sum();
        Assert.InRange(row.Uniform, before - DrawTolerance, before + probabilities[drawn.Token] + DrawTolerance);

        var largest = TensorPrimitives.Max<float>(own);
        var logSumExp = Math.Log(own.Sum(logit => Math.Exp((double)logit - largest))) + largest;
        Assert.Equal(own[drawn.Token] - logSumExp, drawn.LogProbability, 1e-5);
        var likeliest = Enumerable.Range(0, own.Length).OrderByDescending(token => own[token]).Take(row.Likeliest).ToArray();
        Assert.Equal(likeliest, drawn.Likeliest.ToArray().Select(likely => likely.Token));
        Assert.All(drawn.Likeliest.ToArray(), likely => Assert.Equal(own[likely.Token] - logSumExp, likely.LogProbability, 1e-5));
    }
}
