using Rebound.Engine;
using Rebound.Engine.Tests.Conformance;
using Rebound.Engine.Tests.Reference;

namespace Rebound.Gpu.Tests;

/// <summary>AdamW on parameters in two halves, and with moments of bf16.</summary>
public sealed class SplitParameterTests : IDisposable
{
    private const int Steps = 5;
    private const uint Dither = 7;

    private static readonly AdamWStep Hyperparameters = new(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 1, 0.5f, Dither);

    private readonly CudaBackend _backend = Gpu.Shared;
    private readonly List<Arena> _arenas = [];

    [Theory]
    [InlineData(1)]
    [InlineData(1001)]
    [InlineData(65_536)]
    public void Split_parameters_take_the_same_steps_as_fp32_ones_bit_for_bit(int count)
    {
        float[] start = [.. Numbers.Normal(count, 1).Select(value => (float)value)];
        var (upper, lower) = (new ushort[count], new ushort[count]);
        SplitFloat32.Split(start, upper, lower, Dither, first: 0);
        var (whole, high, low) = (New(count), New(count, DType.BFloat16), New(count, DType.UInt16));
        _backend.CopyFromHost<float>(whole, start);
        _backend.CopyFromHost<ushort>(high, upper);
        _backend.CopyFromHost<ushort>(low, lower);
        var (gradient, first, second) = (New(count, DType.BFloat16), New(count), New(count));
        var (firstSplit, secondSplit) = (New(count), New(count));
        for (var step = 1; step <= Steps; step++)
        {
            _backend.CopyFromHost<ushort>(gradient, Halves(Numbers.Normal(count, 10 + step, deviation: 0.01)));
            _backend.AdamW(whole, gradient, first, second, Hyperparameters with { Step = step });
            _backend.AdamWSplit(high, low, gradient, firstSplit, secondSplit, Hyperparameters with { Step = step });
        }

        var (expected, joined) = (new float[count], new float[count]);
        _backend.CopyToHost<float>(expected, whole);
        _backend.CopyToHost<ushort>(upper, high);
        _backend.CopyToHost<ushort>(lower, low);
        SplitFloat32.Join(upper, lower, joined, Dither, first: 0);
        Assert.Equal(expected, joined);
        var (expectedUpper, expectedLower) = (new ushort[count], new ushort[count]);
        SplitFloat32.Split(expected, expectedUpper, expectedLower, Dither, first: 0);
        Assert.Equal(expectedUpper, upper);
        Assert.Equal(expectedLower, lower);
        Assert.NotEqual(start, joined);
    }

    [Fact]
    public void Moments_of_bf16_are_right_on_average_and_the_same_in_every_run()
    {
        // A gradient whose effect on v, 5% of its square, is rounded away as often as its size asks for.
        const int Count = 1 << 16;
        double[] gradient = [.. Enumerable.Repeat(0.0625, Count)];
        var (parameter, first, second) = (new double[1], new double[1], new double[1]);
        var moments = new List<(ushort[] First, ushort[] Second)>();
        for (var run = 0; run < 2; run++)
        {
            var (high, low) = (New(Count, DType.BFloat16), New(Count, DType.UInt16));
            var (m, v, g) = (New(Count, DType.BFloat16), New(Count, DType.BFloat16), New(Count, DType.BFloat16));
            _backend.CopyFromHost<ushort>(g, Halves(gradient));
            (first[0], second[0]) = (0, 0);
            for (var step = 1; step <= 40; step++)
            {
                _backend.AdamWSplit(high, low, g, m, v, Hyperparameters with { Step = step });
                ScalarReference.AdamW(parameter, [gradient[0]], first, second, Hyperparameters with { Step = step });
            }

            var (ms, vs) = (new ushort[Count], new ushort[Count]);
            _backend.CopyToHost<ushort>(ms, m);
            _backend.CopyToHost<ushort>(vs, v);
            moments.Add((ms, vs));
        }

        Assert.Equal(moments[0].First, moments[1].First);
        Assert.Equal(moments[0].Second, moments[1].Second);

        // The mean over 2¹⁶ elements, each the sum of at most 40 roundings by less than 2⁻⁷: its deviation is below 40 · 2⁻⁷ / √2¹⁶.
        Assert.Equal(first[0], Mean(moments[0].First), first[0] * 1.2e-3);
        Assert.Equal(second[0], Mean(moments[0].Second), second[0] * 1.2e-3);
    }

    [Fact]
    public void Halves_of_other_types_are_refused()
    {
        var (bf16, halves, floats) = (New(4, DType.BFloat16), New(4, DType.UInt16), New(4));
        var lower = Assert.Throws<ShapeException>(() => _backend.AdamWSplit(bf16, bf16, bf16, floats, floats, Hyperparameters));
        var second = Assert.Throws<ShapeException>(() => _backend.AdamWSplit(bf16, halves, bf16, floats, bf16, Hyperparameters));
        Assert.Equal(("AdamWSplit", "lower"), (lower.Operation, lower.Tensor));
        Assert.Equal(("AdamWSplit", "secondMoment"), (second.Operation, second.Tensor));
    }

    public void Dispose() => _arenas.ForEach(arena => arena.Dispose());

    private static double Mean(ushort[] values) => values.Average(value => (double)Precision.FromBFloat16(value));

    private static ushort[] Halves(double[] values) => Array.ConvertAll(values, value => Precision.ToBFloat16((float)value));

    private Tensor New(int count, DType type = DType.Float32)
    {
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("x", new Shape(count), type));
        _arenas.Add(_backend.Allocate(plan));
        return _arenas[^1][0];
    }
}
