using Rebound.Quantization;

namespace Rebound.Checkpoints.Gguf;

/// <summary>An element type of GGUF tensors.</summary>
/// <param name="Number">As files have it.</param>
/// <param name="Blocks">How values are stored.</param>
internal sealed record GgmlType(uint Number, BlockType Blocks)
{
    public static readonly GgmlType F32 = new(0, BlockType.F32);
    public static readonly GgmlType F16 = new(1, BlockType.F16);
    public static readonly GgmlType Q4_0 = new(2, BlockType.Q4_0);
    public static readonly GgmlType Q4_1 = new(3, BlockType.Q4_1);
    public static readonly GgmlType Q5_0 = new(6, BlockType.Q5_0);
    public static readonly GgmlType Q5_1 = new(7, BlockType.Q5_1);
    public static readonly GgmlType Q8_0 = new(8, BlockType.Q8_0);
    public static readonly GgmlType Q4_K = new(12, BlockType.Q4_K);
    public static readonly GgmlType Q5_K = new(13, BlockType.Q5_K);
    public static readonly GgmlType Q6_K = new(14, BlockType.Q6_K);
    public static readonly GgmlType BF16 = new(30, BlockType.BF16);

    private static readonly Dictionary<uint, GgmlType> Known =
        new[] { F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, BF16 }.ToDictionary(type => type.Number);

    private static readonly Dictionary<uint, string> Unsupported = new()
    {
        [9] = "Q8_1",
        [10] = "Q2_K",
        [11] = "Q3_K",
        [15] = "Q8_K",
        [16] = "IQ2_XXS",
        [17] = "IQ2_XS",
        [18] = "IQ3_XXS",
        [19] = "IQ1_S",
        [20] = "IQ4_NL",
        [21] = "IQ3_S",
        [22] = "IQ2_S",
        [23] = "IQ4_XS",
        [24] = "I8",
        [25] = "I16",
        [26] = "I32",
        [27] = "I64",
        [28] = "F64",
        [29] = "IQ1_M",
        [34] = "TQ1_0",
        [35] = "TQ2_0",
        [39] = "MXFP4",
    };

    public static string SupportedNames => string.Join(", ", Known.Values.Select(type => type.Name));

    /// <summary>The type of a number in a file, or null with its name for the message.</summary>
    public static GgmlType? Find(uint number, out string name)
    {
        var type = Known.GetValueOrDefault(number);
        name = type?.Name ?? Unsupported.GetValueOrDefault(number) ?? $"unknown ({number})";
        return type;
    }

    public string Name => Blocks.Name;

    /// <summary>Values of a block; a row is a whole number of blocks.</summary>
    public int BlockValues => Blocks.BlockValues;

    /// <summary>Stored bytes of a block.</summary>
    public int BlockBytes => Blocks.BlockBytes;

    /// <summary>Whether values are codes with scales, and not numbers of their own.</summary>
    public bool IsQuantized => Blocks.IsQuantized;

    /// <summary>Stored bytes of so many values.</summary>
    /// <param name="values">A multiple of <see cref="BlockValues"/>.</param>
    public long BytesOf(long values) => Blocks.BytesOf(values);

    /// <inheritdoc cref="BlockType.Widen"/>
    public void Dequantize(ReadOnlySpan<byte> blocks, Span<float> values) => Blocks.Widen(blocks, values);

    /// <inheritdoc cref="BlockType.Round"/>
    public void Quantize(ReadOnlySpan<float> values, Span<byte> blocks) => Blocks.Round(values, blocks);
}
