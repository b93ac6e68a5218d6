using Rebound.Quantization;

namespace Rebound.Engine;

/// <summary>The element type of a tensor. Those of blocks are for weights: a row is a whole number of blocks.</summary>
public enum DType
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    Float32,

    /// <summary>The upper half of a binary32, 2 bytes.</summary>
    BFloat16,

    /// <summary>Unsigned 16-bit integer, 2 bytes; the lower halves of split parameters (<see cref="SplitFloat32"/>).</summary>
    UInt16,

    /// <summary>Signed 32-bit integer, 4 bytes; token ids, positions and row indices.</summary>
    Int32,

    /// <summary>IEEE 754 binary16, 2 bytes.</summary>
    Float16,

    /// <summary>Blocks of 32 signed bytes, 34 bytes.</summary>
    Q8_0,

    /// <summary>Blocks of 32 five-bit codes with a minimum, 24 bytes.</summary>
    Q5_1,

    /// <summary>Blocks of 32 five-bit codes, 22 bytes.</summary>
    Q5_0,

    /// <summary>Blocks of 32 nibbles with a minimum, 20 bytes.</summary>
    Q4_1,

    /// <summary>Blocks of 32 nibbles, 18 bytes.</summary>
    Q4_0,

    /// <summary>Blocks of 256 six-bit codes, 210 bytes.</summary>
    Q6_K,

    /// <summary>Blocks of 256 five-bit codes with minima, 176 bytes.</summary>
    Q5_K,

    /// <summary>Blocks of 256 nibbles with minima, 144 bytes.</summary>
    Q4_K,

    /// <summary>Rows of several types, each in a part of its own (<see cref="RowParts"/>).</summary>
    Mixed,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    private static readonly Dictionary<DType, BlockType> Types = new()
    {
        [DType.Float32] = BlockType.F32,
        [DType.BFloat16] = BlockType.BF16,
        [DType.Float16] = BlockType.F16,
        [DType.Q8_0] = BlockType.Q8_0,
        [DType.Q5_1] = BlockType.Q5_1,
        [DType.Q5_0] = BlockType.Q5_0,
        [DType.Q4_1] = BlockType.Q4_1,
        [DType.Q4_0] = BlockType.Q4_0,
        [DType.Q6_K] = BlockType.Q6_K,
        [DType.Q5_K] = BlockType.Q5_K,
        [DType.Q4_K] = BlockType.Q4_K,
    };

    private static readonly Dictionary<BlockType, DType> Names = Types.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Bytes of one element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Elements of the type come in blocks alone.</exception>
    public static int SizeInBytes(this DType dtype) => dtype switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.BFloat16 or DType.Float16 or DType.UInt16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Elements of this type come in blocks."),
    };

    /// <summary>Bytes of so many elements.</summary>
    /// <param name="count">Elements of whole blocks.</param>
    public static long BytesOf(this DType dtype, long count) =>
        dtype.IsQuantized() ? dtype.Blocks().BytesOf(count) : count * dtype.SizeInBytes();

    /// <summary>Whether elements come in blocks with scales.</summary>
    public static bool IsQuantized(this DType dtype) => dtype >= DType.Q8_0;

    /// <summary>How elements of a type that weights are stored in lie in memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none, or several.</exception>
    public static BlockType Blocks(this DType dtype) => Types.TryGetValue(dtype, out var type)
        ? type
        : throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "No type that weights are stored in.");

    /// <summary>The element type of weights that are stored so.</summary>
    public static DType Of(BlockType type) => Names[type];
}
