namespace Rebound.Engine.Tests.Conformance;

/// <summary>Roundings to the element types, and how far a result may be off for them.</summary>
internal static class Precision
{
    /// <summary>2⁻²³, the spacing of fp32 at 1.</summary>
    public const double Float32Unit = 1.0 / (1 << 23);

    /// <summary>2⁻⁸, what rounding to bf16 changes at most, relatively: half its spacing at 1.</summary>
    public const double BFloat16Rounding = 1.0 / (1 << 8);

    /// <summary>To the nearest, ties to even.</summary>
    public static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    public static float FromBFloat16(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>The values as a tensor of this type holds them.</summary>
    public static double[] Round(double[] values, DType type) => type == DType.BFloat16
        ? Array.ConvertAll(values, value => (double)FromBFloat16(ToBFloat16((float)value)))
        : Array.ConvertAll(values, value => (double)(float)value);
}
