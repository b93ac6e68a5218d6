namespace Rebound.Quantization;

/// <summary>The computing with blocks of a type, whichever it is.</summary>
internal abstract class BlockForm
{
    /// <summary>Values of a block.</summary>
    public abstract int Values { get; }

    /// <summary>Bytes of a block.</summary>
    public abstract int Bytes { get; }

    /// <summary>fp32 to whole blocks.</summary>
    public abstract void Write(ReadOnlySpan<float> values, Span<byte> blocks);

    /// <summary>Products for one width of vectors.</summary>
    public abstract WidenedProducts Products<TVector, TLanes>()
        where TVector : struct
        where TLanes : ILanes<TVector>;
}

internal sealed class BlockForm<TFormat> : BlockForm
    where TFormat : struct, IBlockFormat
{
    public override int Values => TFormat.Values;

    public override int Bytes => TFormat.Bytes;

    public override void Write(ReadOnlySpan<float> values, Span<byte> blocks) => TFormat.Write(values, blocks);

    public override WidenedProducts Products<TVector, TLanes>() => WidenedBlocks<TFormat, TVector, TLanes>.Instance;
}
