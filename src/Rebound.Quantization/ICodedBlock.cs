using System.Runtime.Intrinsics;

namespace Rebound.Quantization;

/// <summary>A type of codes: <c>value = (code − zero) · scale</c> or <c>value = code · scale + minimum</c>, with code from 0 on.</summary>
internal unsafe interface ICodedBlock : IBlockFormat
{
    /// <summary>The code of zero, a power of two; 0 for a type with minima.</summary>
    static abstract int Zero { get; }

    /// <summary>Whether codes have a minimum beside their scale.</summary>
    static abstract bool HasMinimum { get; }

    /// <summary>The codes of a block's values 32·<paramref name="group"/> to 32·<paramref name="group"/> + 31, in order.</summary>
    static abstract Vector256<byte> Codes(byte* block, int group);
}

/// <summary>A block of 32 values with one scale.</summary>
internal unsafe interface IPlainBlock : ICodedBlock
{
    /// <param name="halves">Every fp16 as fp32 (<see cref="Packing.Halves"/>).</param>
    static abstract float Scale(byte* block, float* halves);

    /// <summary>0 for a type without minima.</summary>
    /// <param name="halves">Every fp16 as fp32 (<see cref="Packing.Halves"/>).</param>
    static abstract float Minimum(byte* block, float* halves);
}

/// <summary>A block of 256 values in eight groups, each with scales of its own.</summary>
internal unsafe interface ISuperBlock : ICodedBlock
{
    /// <summary>Whether each half of a group, of 16 values, has a scale of its own.</summary>
    static abstract bool ScalesHalves { get; }

    /// <summary>The scales of a block's groups in order, or of its half groups, and the minima of its groups.</summary>
    /// <param name="scales">[8], or [16] of half groups, =.</param>
    /// <param name="minima">[8], =; left as they are by a type without minima.</param>
    /// <param name="halves">Every fp16 as fp32 (<see cref="Packing.Halves"/>).</param>
    static abstract void Scales(byte* block, float* scales, float* minima, float* halves);
}
