using System.Numerics.Tensors;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// fp32 to Q4_K and Q5_K: super-blocks of 256 values, eight sub-blocks with six-bit scales and minima of their own, which two fp16
/// numbers scale (layouts: <see cref="SuperBlockDequantization"/>). Scales are searched for: those of a sub-block by least squares over
/// the codes that a range of steps gives, then the six-bit ones around them, then the two fp16 numbers by least squares over all codes.
/// What is searched for is the least squared error.
/// </summary>
internal static class AffineQuantization
{
    private const int BlockValues = 256;
    private const int SubBlocks = 8;
    private const int SubBlockValues = BlockValues / SubBlocks;
    private const int MostScale = 63;

    /// <summary>Steps tried lie this far around the one that just spans the range, in codes.</summary>
    private const float Reach = 1.2f;
    private const float Stride = 0.1f;
    private const int Refinements = 3;

    public static void Q4_K(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        const int Bytes = 144;
        var block = new SuperBlock(15);
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[Bytes..])
        {
            block.Search(values[..BlockValues]);
            block.WriteScales(blocks);
            PackNibbles(block.Codes, blocks[16..Bytes]);
        }
    }

    public static void Q5_K(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        const int Bytes = 176;
        var block = new SuperBlock(31);
        for (; !values.IsEmpty; values = values[BlockValues..], blocks = blocks[Bytes..])
        {
            block.Search(values[..BlockValues]);
            block.WriteScales(blocks);
            var fifth = blocks.Slice(16, SubBlockValues);
            fifth.Clear();
            for (var i = 0; i < BlockValues; i++)
            {
                fifth[i % SubBlockValues] |= (byte)(block.Codes[i] >> 4 << (i / SubBlockValues));
            }

            PackNibbles(block.Codes, blocks[48..Bytes]);
        }
    }

    /// <summary>Pairs of sub-blocks: the first into the low nibbles of 32 bytes, the second into the high ones.</summary>
    private static void PackNibbles(ReadOnlySpan<sbyte> codes, Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var low = (2 * (i / SubBlockValues * SubBlockValues)) + (i % SubBlockValues);
            bytes[i] = (byte)((codes[low] & 0xF) | (codes[low + SubBlockValues] << 4));
        }
    }

    /// <summary>value ≈ code · scale − minimum for one sub-block, with a minimum that is not negative.</summary>
    private static (float Scale, float Minimum) Fit(ReadOnlySpan<float> values, float most)
    {
        var (least, largest) = (Math.Min(0, TensorPrimitives.Min(values)), TensorPrimitives.Max(values));
        if (!(largest > least))
        {
            return (0, -least);
        }

        var (sum, squares) = (TensorPrimitives.Sum(values), TensorPrimitives.SumOfSquares(values));
        var best = (Scale: (largest - least) / most, Minimum: -least, Error: float.PositiveInfinity);
        for (var steps = most - Reach; steps <= most + Reach; steps += Stride)
        {
            var found = LeastSquares(values, -least, steps / (largest - least));
            best = found.Error < best.Error ? found : best;
        }

        for (var refinement = 0; refinement < Refinements && best.Scale > 0; refinement++)
        {
            var found = LeastSquares(values, best.Minimum, SubBlock.Inverse(best.Scale));
            if (!(found.Error < best.Error))
            {
                break;
            }

            best = found;
        }

        return (best.Scale, best.Minimum);

        (float Scale, float Minimum, float Error) LeastSquares(ReadOnlySpan<float> values, float minimum, float inverse)
        {
            var (codes, codeSquares, products) = SubBlock.Sums(values, minimum, inverse, 0, most);
            var determinant = (values.Length * codeSquares) - (codes * codes);
            if (!(determinant > 0))
            {
                return (0, 0, float.PositiveInfinity);
            }

            var scale = ((values.Length * products) - (sum * codes)) / determinant;
            var shift = ((codes * products) - (codeSquares * sum)) / determinant;
            if (shift < 0)
            {
                (scale, shift) = (products / codeSquares, 0);
            }

            var error = squares - (2 * ((scale * products) - (shift * sum))) + (scale * scale * codeSquares)
                - (2 * scale * shift * codes) + (values.Length * shift * shift);
            return scale >= 0 ? (scale, shift, error) : (0, 0, float.PositiveInfinity);
        }
    }

    /// <summary>The scales, minima and codes of one super-block.</summary>
    private sealed class SuperBlock(int most)
    {
        private readonly int[] _scales = new int[SubBlocks];
        private readonly int[] _minima = new int[SubBlocks];
        private readonly float[] _fittedScales = new float[SubBlocks];
        private readonly float[] _fittedMinima = new float[SubBlocks];
        private readonly sbyte[] _codes = new sbyte[BlockValues];
        private Half _scale;
        private Half _minimum;

        public ReadOnlySpan<sbyte> Codes => _codes;

        public void Search(ReadOnlySpan<float> values)
        {
            for (var i = 0; i < SubBlocks; i++)
            {
                (_fittedScales[i], _fittedMinima[i]) = Fit(SubBlockOf(values, i), most);
            }

            (_scale, _minimum) = ((Half)(_fittedScales.Max() / MostScale), (Half)(_fittedMinima.Max() / MostScale));
            var (bestScale, bestMinimum, best) = (_scale, _minimum, Choose(values));
            for (var refinement = 0; refinement < Refinements; refinement++)
            {
                Encode(values);
                (_scale, _minimum) = Refit(values);
                var error = Choose(values);
                if (!(error < best))
                {
                    break;
                }

                (bestScale, bestMinimum, best) = (_scale, _minimum, error);
            }

            (_scale, _minimum) = (bestScale, bestMinimum);
            Choose(values);
            Encode(values);
        }

        /// <summary>The two fp16 numbers, and twelve bytes of six-bit scales and minima.</summary>
        public void WriteScales(Span<byte> block)
        {
            BlockQuantization.WriteHalf(block, (float)_scale);
            BlockQuantization.WriteHalf(block[2..], (float)_minimum);
            var packed = block.Slice(4, 12);
            for (var i = 0; i < 4; i++)
            {
                packed[i] = (byte)(_scales[i] | (_scales[i + 4] >> 4 << 6));
                packed[i + 4] = (byte)(_minima[i] | (_minima[i + 4] >> 4 << 6));
                packed[i + 8] = (byte)((_scales[i + 4] & 0xF) | (_minima[i + 4] << 4));
            }
        }

        private static ReadOnlySpan<float> SubBlockOf(ReadOnlySpan<float> values, int i) =>
            values.Slice(i * SubBlockValues, SubBlockValues);

        /// <summary>Chooses six-bit scales and minima around the fitted ones.</summary>
        /// <returns>The squared error.</returns>
        private float Choose(ReadOnlySpan<float> values)
        {
            var (scale, minimum, total) = ((float)_scale, (float)_minimum, 0f);
            for (var i = 0; i < SubBlocks; i++)
            {
                var (nearScale, nearMinimum) = (Near(_fittedScales[i], scale), Near(_fittedMinima[i], minimum));
                var best = float.PositiveInfinity;
                for (var s = Math.Max(0, nearScale - 1); s <= Math.Min(MostScale, nearScale + 1); s++)
                {
                    for (var m = Math.Max(0, nearMinimum - 1); m <= Math.Min(MostScale, nearMinimum + 1); m++)
                    {
                        var error = SubBlock.Error(SubBlockOf(values, i), scale * s, minimum * m, 0, most);
                        if (error < best)
                        {
                            (best, _scales[i], _minima[i]) = (error, s, m);
                        }
                    }
                }

                total += best;
            }

            return total;
        }

        private static int Near(float fitted, float unit) =>
            unit > 0 ? (int)Math.Clamp(MathF.Round(fitted / unit), 0, MostScale) : 0;

        private void Encode(ReadOnlySpan<float> values)
        {
            for (var i = 0; i < SubBlocks; i++)
            {
                SubBlock.Encode(
                    SubBlockOf(values, i), (float)_scale * _scales[i], (float)_minimum * _minima[i], 0, most,
                    _codes.AsSpan(i * SubBlockValues));
            }
        }

        /// <summary>The fp16 numbers of the least squared error with these codes: normal equations of two unknowns.</summary>
        private (Half Scale, Half Minimum) Refit(ReadOnlySpan<float> values)
        {
            double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
            for (var i = 0; i < BlockValues; i++)
            {
                double a = _codes[i] * _scales[i / SubBlockValues], b = -_minima[i / SubBlockValues];
                (aa, ab, bb) = (aa + (a * a), ab + (a * b), bb + (b * b));
                (ax, bx) = (ax + (a * values[i]), bx + (b * values[i]));
            }

            var determinant = (aa * bb) - (ab * ab);
            var (scale, minimum) = determinant > 1e-9 * aa * bb
                ? (((ax * bb) - (bx * ab)) / determinant, ((bx * aa) - (ax * ab)) / determinant)
                : (aa > 0 ? ax / aa : 0, 0);
            return scale > 0 && minimum >= 0 ? ((Half)scale, (Half)minimum) : (_scale, _minimum);
        }
    }
}
