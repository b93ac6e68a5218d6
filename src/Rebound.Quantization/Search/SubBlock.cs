using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>
/// Sums over the values of a sub-block and the codes that a scale gives them, which the search for scales of the K types needs.
/// Lanes of eight fp32; a sub-block has 16 or 32 values. Scalar equivalent: code = clamp(round((value + shift) · inverse)).
/// </summary>
internal static class SubBlock
{
    /// <summary>Rounds values to codes and sums what least squares of a scale and a minimum needs.</summary>
    public static CodeSums Sums(ReadOnlySpan<float> values, float shift, float inverse, float least, float most)
    {
        var (codes, squares, products) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < values.Length; i += Vector256<float>.Count)
        {
            var value = Vector256.Create(values[i..]);
            var code = Codes(value, shift, inverse, least, most);
            codes += code;
            squares += code * code;
            products += code * value;
        }

        return new CodeSums(Vector256.Sum(codes), Vector256.Sum(squares), Vector256.Sum(products));
    }

    /// <summary>The squared error of value ≈ code · scale − shift with the best codes.</summary>
    public static float Error(ReadOnlySpan<float> values, float scale, float shift, float least, float most)
    {
        var inverse = Inverse(scale);
        var (factor, subtrahend, sum) = (Vector256.Create(scale), Vector256.Create(shift), Vector256<float>.Zero);
        for (var i = 0; i < values.Length; i += Vector256<float>.Count)
        {
            var value = Vector256.Create(values[i..]);
            var error = (Codes(value, shift, inverse, least, most) * factor) - subtrahend - value;
            sum += error * error;
        }

        return Vector256.Sum(sum);
    }

    /// <summary>The codes of a scale and a shift.</summary>
    public static void Encode(ReadOnlySpan<float> values, float scale, float shift, float least, float most, Span<sbyte> codes)
    {
        var inverse = Inverse(scale);
        for (var i = 0; i < values.Length; i += Vector256<float>.Count)
        {
            var lanes = Vector256.ConvertToInt32(Codes(Vector256.Create(values[i..]), shift, inverse, least, most));
            for (var lane = 0; lane < Vector256<int>.Count; lane++)
            {
                codes[i + lane] = (sbyte)lanes[lane];
            }
        }
    }

    /// <summary>1 / scale; 0 where there is no scale, or none whose inverse fp32 has.</summary>
    public static float Inverse(float scale) => scale != 0 && float.IsFinite(1 / scale) ? 1 / scale : 0;

    private static Vector256<float> Codes(Vector256<float> value, float shift, float inverse, float least, float most) =>
        Vector256.Min(
            Vector256.Max(Vector256.Round((value + Vector256.Create(shift)) * Vector256.Create(inverse)), Vector256.Create(least)),
            Vector256.Create(most));
}

/// <summary>Σ code, Σ code², Σ code · value.</summary>
internal readonly record struct CodeSums(float Codes, float Squares, float Products);
