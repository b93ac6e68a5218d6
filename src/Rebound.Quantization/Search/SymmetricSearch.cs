using System.Numerics.Tensors;

namespace Rebound.Quantization;

/// <summary>
/// fp32 to Q6_K: super-blocks of 256 values, sixteen sub-blocks with signed eight-bit scales, which one fp16 number scales.
/// </summary>
internal sealed class SymmetricSearch : ScaleSearch
{
    private const int SubBlocks = 16;
    private const int SubBlockValues = BlockValues / SubBlocks;
    private const int Least = -32;
    private const int Most = 31;
    private const float Reach = 1.5f;
    private const float Stride = 0.1f;

    private readonly sbyte[] _scales = new sbyte[SubBlocks];
    private readonly float[] _fitted = new float[SubBlocks];

    /// <summary>The scales of the sub-blocks.</summary>
    public Span<sbyte> Scales => _scales;

    protected override (Half Scale, Half Minimum) Fit(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < SubBlocks; i++)
        {
            _fitted[i] = FitSubBlock(SubBlockOf(values, i));
        }

        // The largest scale becomes −128, the code that has no positive counterpart.
        return ((Half)(TensorPrimitives.MaxMagnitude(_fitted) / sbyte.MinValue), Half.Zero);
    }

    private static ReadOnlySpan<float> SubBlockOf(ReadOnlySpan<float> values, int i) =>
        values.Slice(i * SubBlockValues, SubBlockValues);

    /// <summary>Chooses eight-bit scales around the fitted ones.</summary>
    protected override float Choose(ReadOnlySpan<float> values)
    {
        var (scale, total) = (Scale, 0f);
        for (var i = 0; i < SubBlocks; i++)
        {
            var near = scale == 0 ? 0 : (int)Math.Clamp(MathF.Round(_fitted[i] / scale), sbyte.MinValue, sbyte.MaxValue);
            var best = float.PositiveInfinity;
            for (var s = Math.Max(sbyte.MinValue, near - 1); s <= Math.Min(sbyte.MaxValue, near + 1); s++)
            {
                var error = SubBlock.Error(SubBlockOf(values, i), scale * s, 0, Least, Most);
                if (error < best)
                {
                    (best, _scales[i]) = (error, (sbyte)s);
                }
            }

            total += best;
        }

        return total;
    }

    protected override void Encode(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < SubBlocks; i++)
        {
            SubBlock.Encode(
                SubBlockOf(values, i), Scale * _scales[i], 0, Least, Most, CodesFrom(i * SubBlockValues));
        }
    }

    /// <summary>The fp16 number of the least squared error with these codes.</summary>
    protected override (Half Scale, Half Minimum) Refit(ReadOnlySpan<float> values)
    {
        double squares = 0, products = 0;
        for (var i = 0; i < BlockValues; i++)
        {
            double code = Codes[i] * _scales[i / SubBlockValues];
            (squares, products) = (squares + (code * code), products + (code * values[i]));
        }

        return squares > 0 && products != 0 ? ((Half)(products / squares), Half.Zero) : Units;
    }

    /// <summary>value ≈ code · scale for one sub-block. With the best scale the error is Σv² − (Σ code·v)² / Σ code².</summary>
    private static float FitSubBlock(ReadOnlySpan<float> values)
    {
        var largest = TensorPrimitives.MaxMagnitude(values);
        var (scale, gain) = (0f, 0f);
        if (largest == 0 || !float.IsFinite(1 / largest))
        {
            return 0;
        }

        for (var steps = Least - Reach; steps <= Least + Reach; steps += Stride)
        {
            Try(values, steps / largest);
        }

        for (var (refinement, before) = (0, -1f); refinement < Refinements && gain > before && scale != 0; refinement++)
        {
            before = gain;
            Try(values, SubBlock.Inverse(scale));
        }

        return scale;

        void Try(ReadOnlySpan<float> values, float inverse)
        {
            var sums = SubBlock.Sums(values, 0, inverse, Least, Most);
            if (sums.Squares > 0 && sums.Products * sums.Products / sums.Squares > gain)
            {
                (scale, gain) = (sums.Products / sums.Squares, sums.Products * sums.Products / sums.Squares);
            }
        }
    }
}
