using System.Numerics.Tensors;

namespace Rebound.Quantization;

/// <summary>
/// fp32 to the codes of types whose blocks have 32 values and one scale, with the bytes of gguf-py's reference
/// (https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/quants.py): the same roundings in the same order, and, as there, codes
/// of values that overflow a tiny scale's inverse are zero.
/// </summary>
internal static class Rounding
{
    /// <summary>Codes from 0 to 2·<paramref name="zero"/> − 1; the product and the sum are fp64, as in the reference.</summary>
    /// <returns>The scale.</returns>
    public static float SignedCodes(ReadOnlySpan<float> block, int zero, Span<sbyte> codes)
    {
        // The first of equal magnitudes, whatever its sign.
        var largest = block[0];
        foreach (var value in block)
        {
            largest = MathF.Abs(value) > MathF.Abs(largest) ? value : largest;
        }

        var scale = largest / -zero;
        double inverse = Inverse(scale);
        for (var i = 0; i < block.Length; i++)
        {
            codes[i] = (sbyte)Math.Clamp(Code((float)((block[i] * inverse) + (zero + 0.5))), 0, (2 * zero) - 1);
        }

        return scale;
    }

    /// <summary>Codes from 0 to <paramref name="most"/>.</summary>
    public static (float Scale, float Minimum) ShiftedCodes(ReadOnlySpan<float> block, int most, Span<sbyte> codes)
    {
        var minimum = TensorPrimitives.Min(block);
        var scale = (TensorPrimitives.Max(block) - minimum) / most;
        var inverse = Inverse(scale);
        for (var i = 0; i < block.Length; i++)
        {
            codes[i] = (sbyte)Math.Clamp(Code(((block[i] - minimum) * inverse) + 0.5f), 0, most);
        }

        return (scale, minimum);
    }

    public static float Inverse(float scale) => scale == 0 ? 0 : 1 / scale;

    public static int Code(float value) => float.IsFinite(value) ? (int)value : 0;
}
