using System.Runtime.InteropServices;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Engine.Tests.Conformance;
using Rebound.Engine.Tests.Reference;
using Rebound.Quantization;

namespace Rebound.Gpu.Tests;

/// <summary>Operations with weights in blocks, beside the reference and beside what they widen to.</summary>
public sealed class BlockWeightTests : IDisposable
{
    private const int MostRows = 100;

    private static readonly int[] RowCounts = [1, 2, 3, 8, 9, 16, 33, 64, 65, MostRows];

    private static readonly int[] FewerRowCounts = [1, 9, 64, MostRows];

    private readonly List<Arena> _arenas = [];

    public static TheoryData<string> Types => ["Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0", "Q6_K", "Q5_K", "Q4_K"];

    [Theory]
    [MemberData(nameof(Types))]
    public void Stored_rows_are_read_to_the_bit(string type)
    {
        var backend = Gpu.Shared;
        foreach (var (outer, inner) in Shapes(type, (35, 1536), (7, 160), (3000, 256), (16, 2304)))
        {
            var matrix = Weights(backend, type, outer, inner, seed: 1);
            var values = new float[(outer - 3) * inner];
            backend.ReadStored(matrix.Stored, 3, values);
            Assert.Equal(matrix.Values[(3 * inner)..], values);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Products_match_the_reference(string type)
    {
        var backend = Gpu.Shared;
        foreach (var (outer, inner) in Shapes(type, (576, 576), (35, 1536), (35, 768), (40, 32)))
        {
            using var memory = new GuardedMemory(backend, DType.BFloat16);
            var matrix = Weights(backend, type, outer, inner, seed: 2);
            double[] input = Normal(MostRows * inner, 3), bias = Normal(outer, 4), residual = Normal(MostRows * outer, 5);
            var product = ScalarReference.LinearForward(input, Doubles(matrix.Values), bias, inner, outer);
            var biasTensor = memory.Of(bias, outer);
            foreach (var rows in inner < 1536 ? RowCounts : FewerRowCounts)
            {
                var (expected, inputTensor) = (product[..(rows * outer)], memory.Of(input[..(rows * inner)], rows, inner));
                var (output, added, onTop) = (memory.Garbage(rows, outer), memory.Garbage(rows, outer), memory.Garbage(rows, outer));
                backend.LinearForward(output, inputTensor, matrix.Stored, biasTensor);
                AssertClose(expected, output, "output");
                backend.LinearForward(added, inputTensor, matrix.Stored, biasTensor, accumulate: true);
                AssertClose(expected.Plus(memory.GarbageValues(rows * outer)), added, "output +=");
                var before = residual[..(rows * outer)];
                backend.LinearForward(onTop, inputTensor, matrix.Stored, biasTensor, memory.Of(before, rows, outer));
                AssertClose(expected.Plus(before), onTop, "output on top");
                if (rows is not (1 or 33 or MostRows))
                {
                    continue;
                }

                var logits = memory.GarbageFloats(rows, outer);
                backend.LinearForward(logits, inputTensor, matrix.Stored, default);
                double[] unbiased = [.. expected.Select((value, i) => value - bias[i % outer])];

                // Rows beyond 16 meet weights that are rounded to bf16.
                Close.Assert(unbiased, memory.Read(logits), inner, "logits", rows > 16 ? DType.BFloat16 : DType.Float32);

                void AssertClose(double[] values, Tensor actual, string name) =>
                    Close.Assert(values, memory.Read(actual), inner, $"{name} of {rows}", DType.BFloat16);
            }

            memory.AssertCanaries();
        }
    }

    [Theory]
    [InlineData("Q4_K", 16400, 512, 5)]
    [InlineData("Q8_0", 49152, 576, 2)]
    [InlineData("Q4_0", 12288, 4096, 1)]
    [InlineData("Q6_K", 8200, 1024, 40)]
    public void Products_with_many_rows_of_weights_match_the_reference(string type, int outer, int inner, int rows)
    {
        var backend = Gpu.Shared;
        using var memory = new GuardedMemory(backend, DType.BFloat16);
        var matrix = Weights(backend, type, outer, inner, seed: 2);
        var input = Normal(rows * inner, 3);
        var output = memory.Garbage(rows, outer);
        backend.LinearForward(output, memory.Of(input, rows, inner), matrix.Stored, default);
        Close.Assert(
            ScalarReference.LinearForward(input, Doubles(matrix.Values), null, inner, outer), memory.Read(output), inner, "output",
            DType.BFloat16);
        memory.AssertCanaries();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_norm_a_product_and_a_gate_in_one_match_the_reference(string type)
    {
        const float Epsilon = 1e-5f;
        var backend = Gpu.Shared;
        foreach (var (outer, inner) in Shapes(type, (1536, 576), (50, 768), (8800, 256)))
        {
            using var memory = new GuardedMemory(backend, DType.BFloat16);
            var matrix = Weights(backend, type, outer, inner, seed: 2);
            double[] input = Normal(9 * inner, 3, deviation: 3), norm = Normal(inner, 4, mean: 1), bias = Normal(outer, 5);
            var normed = ScalarReference.RmsNormForward(input, norm, Epsilon).Output;
            var product = ScalarReference.LinearForward(normed, Doubles(matrix.Values), bias, inner, outer);
            var biasTensor = memory.Of(bias, outer);
            foreach (var rows in new[] { 1, 2, 3, 9 })
            {
                var room = new NormedInput(
                    memory.Of(input[..(rows * inner)], rows, inner), memory.Of(norm, inner), Epsilon, memory.Garbage(rows, inner),
                    memory.GarbageFloats(rows));
                var (output, gated, scratch) = (memory.Garbage(rows, outer), memory.Garbage(rows, outer / 2), memory.Garbage(rows, outer));
                backend.NormLinearForward(output, room, matrix.Stored, biasTensor);
                var expected = product[..(rows * outer)];
                Close.Assert(expected, memory.Read(output), inner, $"output of {rows}", DType.BFloat16, roundings: 2);
                backend.NormGatedForward(gated, scratch, room, matrix.Stored, biasTensor);
                Close.Assert(
                    ScalarReference.SwiGluForward(expected, outer / 2), memory.Read(gated), inner, $"gated output of {rows}",
                    DType.BFloat16, roundings: 3);
            }

            memory.AssertCanaries();
        }
    }

    /// <summary>Forward and backward of many rows, the embedding, the head and fp32 read what plain weights hold.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Results_of_many_rows_are_those_with_the_widened_weights(string type)
    {
        const int Rows = 80;
        Gpu.Require();
        using var backend = new CudaBackend(new CudaOptions { Deterministic = true });
        foreach (var element in new[] { DType.BFloat16, DType.Float32 })
        {
            foreach (var (outer, inner) in Shapes(type, (96, 512), (64, 2304)))
            {
                using var memory = new GuardedMemory(backend, element);
                var (upper, lower) = (Weights(backend, type, outer, inner, 1), Weights(backend, inner % 256 == 0 ? "Q6_K" : "Q8_0", 40, inner, 2));
                var parts = new RowParts(upper.Stored, lower.Stored);
                AssertSame(memory, upper.Stored, memory.Of(Rounded(upper.Values, element), outer, inner));
                AssertSame(
                    memory, parts.Whole, memory.Of(Rounded([.. upper.Values, .. lower.Values], element), outer + 40, inner));
            }
        }

        DisposeArenas();

        void AssertSame(GuardedMemory memory, Tensor stored, Tensor widened)
        {
            var (outer, inner) = (stored.Shape[0], stored.Shape[1]);
            var (input, dOutput) = (memory.Garbage(Rows, inner), memory.Garbage(Rows, outer));
            AssertEqual(outer, (weight, output) => backend.LinearForward(output, input, weight, default));
            AssertEqual(inner, (weight, dInput) => backend.LinearBackwardInput(dInput, dOutput, weight));
            int[] tokens = [.. Enumerable.Range(0, Rows).Select(i => i * 7 % outer)];
            using var batch = backend.Prepare(new PackedBatch(tokens, [0, Rows], [-100, .. tokens[1..]]));
            AssertEqual(inner, (weight, output) => backend.EmbeddingForward(output, weight, batch));
            var (losses, scratch) = (memory.GarbageFloats(Rows - 1), memory.GarbageFloats(Rows * outer));
            var hidden = input.Rows(0, Rows - 1);
            AssertEqual(inner, (weight, dHidden) => backend.CrossEntropyHead(
                losses, dHidden.Rows(0, Rows - 1), default, hidden, weight, batch, scratch, lossScale: 0.1f));

            void AssertEqual(int columns, Action<Tensor, Tensor> compute)
            {
                var (of, with) = (memory.Garbage(Rows, columns), memory.Garbage(Rows, columns));
                compute(stored, of);
                compute(widened, with);
                Close.Assert(memory.Read(with), memory.Read(of), columns, "result", memory.Element);
            }
        }
    }

    [Theory]
    [InlineData("Q4_K", "Q6_K")]
    [InlineData("Q8_0", "Q4_1")]
    public void Rows_of_several_types_are_multiplied_part_by_part(string first, string second)
    {
        const int Inner = 512;
        var backend = Gpu.Shared;
        using var memory = new GuardedMemory(backend, DType.BFloat16);
        var (upper, lower) = (Weights(backend, first, 48, Inner, 1), Weights(backend, second, 21, Inner, 2));
        var weight = new RowParts(upper.Stored, lower.Stored).Whole;
        Assert.Equal(DType.Mixed, weight.DType);
        double[] input = Normal(MostRows * Inner, 3), bias = Normal(69, 4);
        var expected = ScalarReference.LinearForward(input, Doubles([.. upper.Values, .. lower.Values]), bias, Inner, 69);
        foreach (var rows in RowCounts)
        {
            var output = memory.Garbage(rows, 69);
            backend.LinearForward(output, memory.Of(input[..(rows * Inner)], rows, Inner), weight, memory.Of(bias, 69));
            Close.Assert(expected[..(rows * 69)], memory.Read(output), Inner, $"output of {rows}", DType.BFloat16);
        }

        memory.AssertCanaries();
    }

    [Fact]
    public void A_recorded_product_is_the_product()
    {
        const int Inner = 768;
        var backend = Gpu.Shared;
        using var memory = new GuardedMemory(backend, DType.BFloat16);
        var matrix = Weights(backend, "Q4_K", 960, Inner, 1);
        foreach (var rows in new[] { 1, 64, MostRows })
        {
            var (input, output, again) = (memory.Garbage(rows, Inner), memory.Garbage(rows, 960), memory.Garbage(rows, 960));
            backend.LinearForward(output, input, matrix.Stored, default);
            using var recording = backend.Record(() => backend.LinearForward(again, input, matrix.Stored, default));
            Assert.NotEqual(memory.Read(output), memory.Read(again));
            recording.Run();
            Assert.Equal(memory.Read(output), memory.Read(again));
        }
    }

    [Fact]
    public void A_row_has_the_same_bits_in_any_batch_where_that_is_asked_for()
    {
        Gpu.Require();
        using var backend = new CudaBackend(new CudaOptions { BatchInvariant = true });
        foreach (var type in new[] { "Q4_K", "Q8_0" })
        {
            using var memory = new GuardedMemory(backend, DType.BFloat16);
            var matrix = Weights(backend, type, 576, 768, 1);
            var (input, whole) = (memory.Garbage(MostRows, 768), memory.Garbage(MostRows, 576));
            backend.LinearForward(whole, input, matrix.Stored, default);
            foreach (var rows in RowCounts)
            {
                var output = memory.Garbage(rows, 576);
                backend.LinearForward(output, input.Rows(0, rows), matrix.Stored, default);
                Assert.Equal(memory.Read(whole)[..(rows * 576)], memory.Read(output));
            }
        }

        DisposeArenas();
    }

    [Fact]
    public void Other_types_and_sizes_are_refused()
    {
        var backend = Gpu.Shared;
        Assert.Equal(StoredWeightTypes.Blocks, backend.StoredWeightTypes);
        Assert.False(backend.TakesStored(DType.Float16));
        var matrix = Weights(backend, "Q4_0", 16, 64, 1);
        Assert.Throws<ShapeException>(() => backend.Store(matrix.Stored, new byte[7]));
        Assert.Throws<ShapeException>(() => matrix.Stored.Rows(0, 16));
        using var widening = new CudaBackend(new CudaOptions { KeepsBlocks = false });
        Assert.Equal(StoredWeightTypes.None, widening.StoredWeightTypes);
    }

    public void Dispose() => DisposeArenas();

    private void DisposeArenas()
    {
        _arenas.ForEach(arena => arena.Dispose());
        _arenas.Clear();
    }

    /// <summary>The shapes whose rows are whole blocks of the type.</summary>
    private static IEnumerable<(int Outer, int Inner)> Shapes(string type, params (int Outer, int Inner)[] shapes) =>
        shapes.Where(shape => shape.Inner % Enum.Parse<DType>(type).Blocks().BlockValues == 0);

    /// <summary>Random weights with which outputs are as large as inputs.</summary>
    private Matrix Weights(Backend backend, string name, int outer, int inner, int seed)
    {
        var type = Enum.Parse<DType>(name);
        var values = Array.ConvertAll(Numbers.Normal(outer * inner, seed, 1 / Math.Sqrt(inner)), value => (float)value);
        var blocks = new byte[type.BytesOf(values.Length)];
        type.Blocks().Round(values, blocks);
        type.Blocks().Widen(blocks, values);
        var plan = new ArenaPlan();
        plan.Add(backend.StoredSpec("weight", new Shape(outer, inner), type));
        var arena = backend.Allocate(plan);
        _arenas.Add(arena);
        var stored = new Tensor(arena[0].Address, new Shape(outer, inner), type, backend.Device);
        backend.Store(stored, blocks);
        return new Matrix(stored, values);
    }

    private static double[] Normal(int count, int seed, double deviation = 1, double mean = 0) =>
        Precision.Round(Numbers.Normal(count, seed, deviation, mean), DType.BFloat16);

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, value => (double)value);

    private static double[] Rounded(float[] values, DType type) => Precision.Round(Doubles(values), type);

    private sealed record Matrix(Tensor Stored, float[] Values);
}
