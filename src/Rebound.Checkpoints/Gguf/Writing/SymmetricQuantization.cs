using System.Numerics.Tensors;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// fp32 to Q6_K: super-blocks of 256 values, sixteen sub-blocks with signed eight-bit scales, which one fp16 number scales (layout:
/// <see cref="SuperBlockDequantization"/>). Scales are searched for as <see cref="AffineQuantization"/> does it.
/// </summary>
internal static class SymmetricQuantization
{
    private const int BlockValues = 256;
    private const int SubBlocks = 16;
    private const int SubBlockValues = BlockValues / SubBlocks;
    private const int Least = -32;
    private const int Most = 31;
    private const float Reach = 1.5f;
    private const float Stride = 0.1f;
    private const int Refinements = 3;

    public static void Q6_K(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        const int Bytes = 210;
        var block = new SuperBlock();
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[Bytes..])
        {
            block.Search(values[..BlockValues]);
            block.Write(blocks[..Bytes]);
        }
    }

    /// <summary>value ≈ code · scale for one sub-block. With the best scale the error is Σv² − (Σ code·v)² / Σ code².</summary>
    private static float Fit(ReadOnlySpan<float> values)
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

    /// <summary>The scales and codes of one super-block.</summary>
    private sealed class SuperBlock
    {
        private readonly sbyte[] _scales = new sbyte[SubBlocks];
        private readonly float[] _fitted = new float[SubBlocks];
        private readonly sbyte[] _codes = new sbyte[BlockValues];
        private Half _scale;

        public void Search(ReadOnlySpan<float> values)
        {
            for (var i = 0; i < SubBlocks; i++)
            {
                _fitted[i] = Fit(SubBlockOf(values, i));
            }

            // The largest scale becomes −128, the code that has no positive counterpart.
            _scale = (Half)(TensorPrimitives.MaxMagnitude(_fitted) / sbyte.MinValue);
            var (bestScale, best) = (_scale, Choose(values));
            for (var refinement = 0; refinement < Refinements; refinement++)
            {
                Encode(values);
                _scale = Refit(values);
                var error = Choose(values);
                if (!(error < best))
                {
                    break;
                }

                (bestScale, best) = (_scale, error);
            }

            _scale = bestScale;
            Choose(values);
            Encode(values);
        }

        public void Write(Span<byte> block)
        {
            const int UpperBits = 128;
            const int Scales = 192;
            block[..Scales].Clear();
            for (var i = 0; i < BlockValues; i++)
            {
                var (half, within, code) = (i / 128, i % 128, _codes[i] - Least);
                block[(half * 64) + (within % 64)] |= (byte)((code & 0xF) << (within / 64 * 4));
                block[UpperBits + (half * 32) + (within % 32)] |= (byte)(code >> 4 << (within / 32 * 2));
            }

            for (var i = 0; i < SubBlocks; i++)
            {
                block[Scales + i] = (byte)_scales[i];
            }

            BlockQuantization.WriteHalf(block[(Scales + SubBlocks)..], (float)_scale);
        }

        private static ReadOnlySpan<float> SubBlockOf(ReadOnlySpan<float> values, int i) =>
            values.Slice(i * SubBlockValues, SubBlockValues);

        /// <summary>Chooses eight-bit scales around the fitted ones.</summary>
        /// <returns>The squared error.</returns>
        private float Choose(ReadOnlySpan<float> values)
        {
            var (scale, total) = ((float)_scale, 0f);
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

        private void Encode(ReadOnlySpan<float> values)
        {
            for (var i = 0; i < SubBlocks; i++)
            {
                SubBlock.Encode(
                    SubBlockOf(values, i), (float)_scale * _scales[i], 0, Least, Most, _codes.AsSpan(i * SubBlockValues));
            }
        }

        /// <summary>The fp16 number of the least squared error with these codes.</summary>
        private Half Refit(ReadOnlySpan<float> values)
        {
            double squares = 0, products = 0;
            for (var i = 0; i < BlockValues; i++)
            {
                double code = _codes[i] * _scales[i / SubBlockValues];
                (squares, products) = (squares + (code * code), products + (code * values[i]));
            }

            return squares > 0 && products != 0 ? (Half)(products / squares) : _scale;
        }
    }
}
