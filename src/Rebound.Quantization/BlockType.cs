using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rebound.Quantization;

/// <summary>
/// A type that weights are stored in: values in blocks of equal size, a row of a matrix being a whole number of them. Layouts are those of
/// ggml (https://github.com/ggml-org/ggml, ggml-common.h), and widening to fp32 gives its values to the last bit.
/// </summary>
public sealed class BlockType
{
    public static readonly BlockType F32 = Of<Float32>("F32");
    public static readonly BlockType F16 = Of<Float16>("F16");
    public static readonly BlockType BF16 = Of<BFloat16>("BF16");
    public static readonly BlockType Q8_0 = Of<Q8_0>("Q8_0", new BlockProducts<Q8_0>());
    public static readonly BlockType Q5_1 = Of<Q5_1>("Q5_1", new BlockProducts<Q5_1>());
    public static readonly BlockType Q5_0 = Of<Q5_0>("Q5_0", new BlockProducts<Q5_0>());
    public static readonly BlockType Q4_1 = Of<Q4_1>("Q4_1", new BlockProducts<Q4_1>());
    public static readonly BlockType Q4_0 = Of<Q4_0>("Q4_0", new BlockProducts<Q4_0>());
    public static readonly BlockType Q6_K = Of<Q6_K>("Q6_K", new SuperBlockProducts<Q6_K>());
    public static readonly BlockType Q5_K = Of<Q5_K>("Q5_K", new SuperBlockProducts<Q5_K>());
    public static readonly BlockType Q4_K = Of<Q4_K>("Q4_K", new SuperBlockProducts<Q4_K>());

    private readonly BlockForm _form;
    private readonly WidenedProducts _widest;

    private BlockType(string name, BlockForm form, RoundedProducts? products)
    {
        Name = name;
        _form = form;
        _widest = Avx512F.IsSupported ? form.Products<Vector512<float>, Lanes512>()
            : Avx2.IsSupported ? form.Products<Vector256<float>, Lanes256>()
            : form.Products<Vector128<float>, Lanes128>();
        Products = products;
    }

    /// <summary>As ggml prints it, for example <c>Q4_1</c>.</summary>
    public string Name { get; }

    /// <summary>Values of a block.</summary>
    public int BlockValues => _form.Values;

    /// <summary>Bytes of a block.</summary>
    public int BlockBytes => _form.Bytes;

    /// <summary>Whether values are codes with scales, and not numbers of their own.</summary>
    public bool IsQuantized => BlockValues > 1;

    /// <summary>Products with rows that are rounded to eight bits; null for a type without codes.</summary>
    public RoundedProducts? Products { get; }

    /// <summary>Bytes of so many values.</summary>
    /// <param name="values">A multiple of <see cref="BlockValues"/>.</param>
    public long BytesOf(long values) => checked(values / BlockValues * BlockBytes);

    /// <summary>Widens whole blocks to fp32, exactly as ggml does.</summary>
    /// <param name="values">As many as the blocks have, =.</param>
    public unsafe void Widen(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(blocks.Length, BytesOf(values.Length));
        fixed (byte* source = blocks)
        fixed (float* destination = values)
        {
            _widest.Widen(source, values.Length, destination);
        }
    }

    /// <summary>Products with fp32 rows, widened in registers, for one width of vectors.</summary>
    public WidenedProducts WidenedProducts<TVector, TLanes>()
        where TVector : struct
        where TLanes : ILanes<TVector> => _form.Products<TVector, TLanes>();

    /// <summary>Rounds fp32 values, as many as whole blocks have.</summary>
    /// <param name="blocks">=.</param>
    public void Round(ReadOnlySpan<float> values, Span<byte> blocks) => _form.Write(values, blocks);

    public override string ToString() => Name;

    private static BlockType Of<TFormat>(string name, RoundedProducts? products = null)
        where TFormat : struct, IBlockFormat => new(name, new BlockForm<TFormat>(), products);
}
