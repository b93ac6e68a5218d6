namespace Rebound.Checkpoints.Gguf;

/// <summary>Turns whole blocks of a stored type into fp32.</summary>
internal delegate void Dequantizer(ReadOnlySpan<byte> blocks, Span<float> values);

/// <summary>Turns fp32 values, as many as whole blocks have, into blocks of a stored type.</summary>
internal delegate void Quantizer(ReadOnlySpan<float> values, Span<byte> blocks);

/// <summary>An element type of GGUF tensors: values come in blocks of equal size.</summary>
/// <param name="Number">As files have it.</param>
/// <param name="Name">As ggml prints it, for example <c>Q4_1</c>.</param>
/// <param name="BlockValues">Values of a block; a row is a whole number of blocks.</param>
/// <param name="BlockBytes">Stored bytes of a block.</param>
internal sealed record GgmlType(
    uint Number, string Name, int BlockValues, int BlockBytes, Dequantizer Dequantize, Quantizer Quantize)
{
    public static readonly GgmlType F32 = new(0, "F32", 1, 4, Dequantization.Float32, PlainQuantization.Float32);
    public static readonly GgmlType F16 = new(1, "F16", 1, 2, Dequantization.Float16, PlainQuantization.Float16);
    public static readonly GgmlType Q4_0 = new(2, "Q4_0", 32, 18, Dequantization.Q4_0, BlockQuantization.Q4_0);
    public static readonly GgmlType Q4_1 = new(3, "Q4_1", 32, 20, Dequantization.Q4_1, BlockQuantization.Q4_1);
    public static readonly GgmlType Q5_0 = new(6, "Q5_0", 32, 22, Dequantization.Q5_0, BlockQuantization.Q5_0);
    public static readonly GgmlType Q5_1 = new(7, "Q5_1", 32, 24, Dequantization.Q5_1, BlockQuantization.Q5_1);
    public static readonly GgmlType Q8_0 = new(8, "Q8_0", 32, 34, Dequantization.Q8_0, BlockQuantization.Q8_0);
    public static readonly GgmlType Q4_K = new(12, "Q4_K", 256, 144, SuperBlockDequantization.Q4_K, AffineQuantization.Q4_K);
    public static readonly GgmlType Q5_K = new(13, "Q5_K", 256, 176, SuperBlockDequantization.Q5_K, AffineQuantization.Q5_K);
    public static readonly GgmlType Q6_K = new(14, "Q6_K", 256, 210, SuperBlockDequantization.Q6_K, SymmetricQuantization.Q6_K);
    public static readonly GgmlType BF16 = new(30, "BF16", 1, 2, Dequantization.BFloat16, PlainQuantization.BFloat16);

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

    /// <summary>Whether values are codes with scales, and not numbers of their own.</summary>
    public bool IsQuantized => BlockValues > 1;

    /// <summary>Stored bytes of so many values.</summary>
    /// <param name="values">A multiple of <see cref="BlockValues"/>.</param>
    public long BytesOf(long values) => checked(values / BlockValues * BlockBytes);
}
