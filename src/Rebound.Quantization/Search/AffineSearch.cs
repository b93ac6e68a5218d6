using System.Numerics.Tensors;

namespace Rebound.Quantization;

/// <summary>
/// fp32 to Q4_K and Q5_K: super-blocks of 256 values, eight sub-blocks with six-bit scales and minima of their own, which two fp16
/// numbers scale (layout: <see cref="AffineBlocks"/>).
/// </summary>
internal sealed class AffineSearch(int most) : ScaleSearch
{
    private const int SubBlocks = 8;
    private const int SubBlockValues = BlockValues / SubBlocks;
    private const int MostScale = 63;

    /// <summary>Steps tried lie this far around the one that just spans the range, in codes.</summary>
    private const float Reach = 1.2f;
    private const float Stride = 0.1f;

    private readonly int[] _scales = new int[SubBlocks];
    private readonly int[] _minima = new int[SubBlocks];
    private readonly float[] _fittedScales = new float[SubBlocks];
    private readonly float[] _fittedMinima = new float[SubBlocks];

    /// <summary>The scales of the sub-blocks, from 0 to 63.</summary>
    public ReadOnlySpan<int> Scales => _scales;

    /// <summary>The minima of the sub-blocks, from 0 to 63.</summary>
    public ReadOnlySpan<int> Minima => _minima;

    protected override (Half Scale, Half Minimum) Fit(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < SubBlocks; i++)
        {
            (_fittedScales[i], _fittedMinima[i]) = Fit(SubBlockOf(values, i), most);
        }

        return ((Half)(_fittedScales.Max() / MostScale), (Half)(_fittedMinima.Max() / MostScale));
    }

    private static ReadOnlySpan<float> SubBlockOf(ReadOnlySpan<float> values, int i) =>
        values.Slice(i * SubBlockValues, SubBlockValues);

    /// <summary>Chooses six-bit scales and minima around the fitted ones.</summary>
    protected override float Choose(ReadOnlySpan<float> values)
    {
        var (scale, minimum, total) = (Scale, Minimum, 0f);
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

    protected override void Encode(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < SubBlocks; i++)
        {
            SubBlock.Encode(
                SubBlockOf(values, i), Scale * _scales[i], Minimum * _minima[i], 0, most,
                CodesFrom(i * SubBlockValues));
        }
    }

    /// <summary>The fp16 numbers of the least squared error with these codes: normal equations of two unknowns.</summary>
    protected override (Half Scale, Half Minimum) Refit(ReadOnlySpan<float> values)
    {
        double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
        for (var i = 0; i < BlockValues; i++)
        {
            double a = Codes[i] * _scales[i / SubBlockValues], b = -_minima[i / SubBlockValues];
            (aa, ab, bb) = (aa + (a * a), ab + (a * b), bb + (b * b));
            (ax, bx) = (ax + (a * values[i]), bx + (b * values[i]));
        }

        var determinant = (aa * bb) - (ab * ab);
        var (scale, minimum) = determinant > 1e-9 * aa * bb
            ? (((ax * bb) - (bx * ab)) / determinant, ((bx * aa) - (ax * ab)) / determinant)
            : (aa > 0 ? ax / aa : 0, 0);
        return scale > 0 && minimum >= 0 ? ((Half)scale, (Half)minimum) : Units;
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
}
