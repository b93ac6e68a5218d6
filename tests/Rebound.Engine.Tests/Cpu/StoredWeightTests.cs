using System.Runtime.InteropServices;
using Rebound.Engine.Cpu;
using Rebound.Quantization;

namespace Rebound.Engine.Tests;

/// <summary>Products with weights in the types that files store them in, beside the same products with what these widen to.</summary>
public sealed unsafe class StoredWeightTests : IDisposable
{
    private readonly List<nint> _memory = [];

    public static TheoryData<string> Types =>
        ["F16", "BF16", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0", "Q6_K", "Q5_K", "Q4_K"];

    public static TheoryData<string> Quantized => ["Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0", "Q6_K", "Q5_K", "Q4_K"];

    /// <summary>Few rows and many, several slices of the depth, widths that panels do not divide; forward, backward, embedding and head.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Results_are_those_with_the_widened_weights(string name)
    {
        using var backend = new CpuBackend(2, roundsActivations: true);
        foreach (var (outer, inner) in ((int, int)[])[(50, 512), (67, 768), (40, 2304)])
        {
            Matrix[] parts = [Weights(name, outer - 17, inner, 1), Weights(inner % 256 == 0 ? "Q6_K" : name, 17, inner, 2)];
            AssertSame(backend, parts[0].Stored, parts[0].Widened);
            AssertSame(backend, new RowParts(parts[0].Stored, parts[1].Stored).Whole, Joined(parts));
        }
    }

    /// <summary>Every number of few rows, on vectors of every width; rows that vectors and groups of 32 do not divide, where a type has them.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Few_rows_are_to_the_bit_those_with_the_widened_weights_at_every_width(string name)
    {
        using var pool = new WorkerPool(2);
        var gemms = VectorWidths.Gemms(pool, 64 << 10);
        int[] widths = Find(name).BlockValues switch { 1 => [1, 7, 32, 45, 95, 131], 32 => [32, 96, 160], _ => [256, 768] };
        foreach (var inner in widths)
        {
            foreach (var outer in (int[])[1, 2, 7, 30])
            {
                Matrix[] parts = [Weights(name, outer, inner, outer), Weights("BF16", 3, inner, 2)];
                AssertSame(parts[0].Stored, parts[0].Widened);
                AssertSame(new RowParts(parts[0].Stored, parts[1].Stored).Whole, Joined(parts));
            }
        }

        gemms.ForEach(gemm => gemm.Dispose());

        void AssertSame(Tensor stored, Tensor widened)
        {
            var (outer, inner) = (stored.Shape[0], stored.Shape[1]);
            float[] input = Random(Gemm.MaxSmallBatchRows * inner, 14), bias = Random(outer, 15);
            var (of, with) = (new float[Gemm.MaxSmallBatchRows * outer], new float[Gemm.MaxSmallBatchRows * outer]);
            fixed (float* x = input, addend = bias, ofStored = of, ofWidened = with)
            {
                foreach (var gemm in gemms)
                {
                    for (var rows = 1; rows <= Gemm.MaxSmallBatchRows; rows++)
                    {
                        Multiply(gemm, rows, x, stored, addend, ofStored);
                        Multiply(gemm, rows, x, widened, addend, ofWidened);
                        Assert.Equal(with.AsSpan(0, rows * outer), of.AsSpan(0, rows * outer));
                    }
                }
            }
        }

        static void Multiply(Gemm gemm, int rows, float* x, Tensor weight, float* bias, float* output)
        {
            var (outer, inner) = (weight.Shape[0], weight.Shape[1]);
            var product = MatrixProduct.Of(
                rows, outer, inner, new MatrixView((nint)x, inner), MatrixView.Of(weight) with { Transposed = true }, output, outer, false);
            product.Addend = bias;
            product.StrideAddend = 0;
            gemm.Multiply(product);
        }
    }

    /// <summary>Bytes of all kinds, so scales and minima of both signs, subnormal ones, and those that are no number.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Every_width_widens_to_the_same_bits(string name)
    {
        var type = Find(name);
        var bytes = new byte[type.BytesOf(256 * 256)];
        new Random(16).NextBytes(bytes);
        List<float[]> all = [];
        foreach (var products in VectorWidths.Products(type))
        {
            var values = new float[256 * 256];
            fixed (byte* blocks = bytes)
            fixed (float* into = values)
            {
                products.Widen(blocks, values.Length, into);
            }

            all.Add(values);
        }

        Assert.All(all, values => Assert.True(Bits(all[0]).SequenceEqual(Bits(values))));

        // What is no number has any bits.
        static IEnumerable<int> Bits(float[] values) =>
            values.Select(value => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value));
    }

    [Fact]
    public void All_values_of_16_bits_widen_to_themselves()
    {
        ushort[] halves = [.. Enumerable.Range(0, ushort.MaxValue + 1).Select(bits => (ushort)bits)];
        var (floats, bfloats) = (new float[halves.Length], new float[halves.Length]);
        BlockType.F16.Widen(MemoryMarshal.AsBytes<ushort>(halves), floats);
        BlockType.BF16.Widen(MemoryMarshal.AsBytes<ushort>(halves), bfloats);
        for (var i = 0; i < halves.Length; i++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf(halves[i]);
            Assert.True(float.IsNaN(expected) ? float.IsNaN(floats[i]) : Same(expected, floats[i]), $"F16 {halves[i]:X4}");
            Assert.True(Same(BitConverter.Int32BitsToSingle(halves[i] << 16), bfloats[i]), $"BF16 {halves[i]:X4}");
        }

        static bool Same(float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b);
    }

    [Theory]
    [MemberData(nameof(Quantized))]
    public void Rounded_products_are_the_formula_to_the_bit_and_do_not_depend_on_other_rows(string name)
    {
        const int Rows = 16;
        Assert.SkipUnless(RoundedProducts.IsAccelerated, "The processor has no instructions for products of bytes.");
        var type = Find(name);
        using var backend = new CpuBackend(2, roundsActivations: true);
        foreach (var (outer, inner) in ((int, int)[])[(9, 256), (21, 768)])
        {
            var weights = Weights(name, outer, inner, 3);
            var (input, bias) = (Floats(Random(Rows * inner, 4), Rows, inner), Floats(Random(outer, 5), outer));
            input.AsSpan<float>().Slice(inner, 32).Clear();
            var expected = new float[Rows, outer];
            for (var row = 0; row < Rows; row++)
            {
                for (var n = 0; n < outer; n++)
                {
                    var blocks = new ReadOnlySpan<byte>((byte*)weights.Stored.Address + (n * type.BytesOf(inner)), (int)type.BytesOf(inner));
                    expected[row, n] = RoundedReference.Product(name, blocks, input.Rows(row, 1).AsSpan<float>()) + bias.AsSpan<float>()[n];
                }
            }

            for (var count = 1; count <= Rows; count++)
            {
                var output = Floats(new float[count * outer], count, outer);
                backend.LinearForward(output, input.Rows(Rows - count, count), weights.Stored, bias, mayRound: true);
                for (var i = 0; i < count * outer; i++)
                {
                    Assert.Equal(expected[Rows - count + (i / outer), i % outer], output.AsSpan<float>()[i]);
                }
            }
        }
    }

    /// <summary>A code is off by half a step at most, so a product by half of Σ|w|·step.</summary>
    [Theory]
    [MemberData(nameof(Quantized))]
    public void Rounded_products_are_off_by_no_more_than_the_rounding(string name)
    {
        Assert.SkipUnless(RoundedProducts.IsAccelerated, "The processor has no instructions for products of bytes.");
        const int Inner = 768;
        const int Outer = 64;
        using var backend = new CpuBackend(1, roundsActivations: true);
        var weights = Weights(name, Outer, Inner, 6);
        var input = Floats(Random(Inner, 7), 1, Inner);
        var (exact, rounded) = (Floats(new float[Outer], 1, Outer), Floats(new float[Outer], 1, Outer));
        backend.LinearForward(exact, input, weights.Stored, default);
        backend.LinearForward(rounded, input, weights.Stored, default, mayRound: true);
        Assert.False(exact.AsSpan<float>().SequenceEqual(rounded.AsSpan<float>()));
        for (var n = 0; n < Outer; n++)
        {
            var bound = 0.0;
            for (var k = 0; k < Inner; k++)
            {
                var group = input.AsSpan<float>().Slice(k / 32 * 32, 32);
                var step = MemoryMarshal.ToEnumerable<float>(group.ToArray()).Max(MathF.Abs) / 127;
                bound += 0.5 * step * Math.Abs(weights.Widened.AsSpan<float>()[(n * Inner) + k]);
            }

            Assert.InRange(Math.Abs(exact.AsSpan<float>()[n] - rounded.AsSpan<float>()[n]), 0, bound * (1 + 1e-4));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_not_finite_stays_so_when_it_is_rounded(float value)
    {
        using var backend = new CpuBackend(1, roundsActivations: true);
        var weights = Weights("Q4_1", 8, 64, 8);
        var input = Floats(Random(64, 9), 1, 64);
        input.AsSpan<float>()[40] = value;
        var output = Floats(new float[8], 1, 8);
        backend.LinearForward(output, input, weights.Stored, default, mayRound: true);
        foreach (var result in output.AsSpan<float>())
        {
            Assert.False(float.IsFinite(result));
        }
    }

    public void Dispose() => _memory.ForEach(address => NativeMemory.AlignedFree((void*)address));

    private static BlockType Find(string name) => Enum.Parse<DType>(name switch
    {
        "F16" => nameof(DType.Float16),
        "BF16" => nameof(DType.BFloat16),
        _ => name,
    }).Blocks();

    private void AssertSame(CpuBackend backend, Tensor stored, Tensor widened)
    {
        var (outer, inner) = (stored.Shape[0], stored.Shape[1]);
        var bias = Floats(Random(outer, 10), outer);
        foreach (var rows in (int[])[1, 3, 16, 17, 70])
        {
            var (input, dOutput) = (Floats(Random(rows * inner, 11), rows, inner), Floats(Random(rows * outer, 12), rows, outer));
            AssertEqual(rows, outer, (weight, output) => backend.LinearForward(output, input, weight, bias, accumulate: rows == 3));
            AssertEqual(rows, inner, (weight, dInput) => backend.LinearBackwardInput(dInput, dOutput, weight, accumulate: rows == 17));

            var tokens = Enumerable.Range(0, rows).Select(i => i * 7 % outer).ToArray();
            using var batch = backend.Prepare(new PackedBatch(tokens, [0, rows], [-100, .. tokens[1..]]));
            AssertEqual(rows, inner, (weight, output) => backend.EmbeddingForward(output, weight, batch));
            if (rows > 1)
            {
                var (losses, scratch) = (Floats(new float[rows - 1], rows - 1), Floats(new float[rows * outer], rows * outer));
                AssertEqual(rows - 1, inner, (weight, dHidden) => backend.CrossEntropyHead(
                    losses, dHidden, default, input.Rows(0, rows - 1), weight, batch, scratch, lossScale: 0.1f));
                AssertEqual(rows - 1, 1, (weight, output) => backend.CrossEntropyHead(
                    output.Reshape(losses.Shape), default, default, input.Rows(0, rows - 1), weight, batch, scratch, lossScale: 1));
            }
        }

        void AssertEqual(int rows, int columns, Action<Tensor, Tensor> compute)
        {
            var (of, with) = (Floats(Random(rows * columns, 13), rows, columns), Floats(Random(rows * columns, 13), rows, columns));
            compute(stored, of);
            compute(widened, with);
            Assert.Equal(with.AsSpan<float>(), of.AsSpan<float>());
        }
    }

    private Matrix Weights(string name, int rows, int columns, int seed)
    {
        var type = Find(name);
        var values = Random(rows * columns, seed);
        var bytes = new byte[type.BytesOf(values.Length)];
        type.Round(values, bytes);
        type.Widen(bytes, values);
        var stored = Allocate(bytes.Length);
        bytes.CopyTo(new Span<byte>((void*)stored, bytes.Length));
        return new Matrix(new Tensor(stored, new Shape(rows, columns), DTypes.Of(type), Device.Host), Floats(values, rows, columns));
    }

    private Tensor Joined(Matrix[] parts)
    {
        float[] values = [.. parts.SelectMany(part => part.Widened.AsSpan<float>().ToArray())];
        return Floats(values, values.Length / parts[0].Widened.Shape[1], parts[0].Widened.Shape[1]);
    }

    private Tensor Floats(float[] values, params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(Allocate(values.Length * sizeof(float)), Shape.Of(shape), DType.Float32, Device.Host);
        values.CopyTo(tensor.AsSpan<float>());
        return tensor;
    }

    private nint Allocate(int bytes)
    {
        _memory.Add((nint)NativeMemory.AlignedAlloc((nuint)bytes, 64));
        return _memory[^1];
    }

    private static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    private sealed record Matrix(Tensor Stored, Tensor Widened);
}
