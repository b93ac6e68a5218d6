namespace Rebound.Quantization;

/// <summary>How the values of a type lie in its blocks.</summary>
internal interface IBlockFormat
{
    /// <summary>Values of a block.</summary>
    static abstract int Values { get; }

    /// <summary>Bytes of a block.</summary>
    static abstract int Bytes { get; }

    /// <summary>Whole blocks to fp32.</summary>
    static abstract void Read(ReadOnlySpan<byte> blocks, Span<float> values);

    /// <summary>fp32 to whole blocks.</summary>
    static abstract void Write(ReadOnlySpan<float> values, Span<byte> blocks);
}
