namespace Rebound.Checkpoints.Gguf;

/// <summary>Turns whole blocks of a stored type into fp32.</summary>
internal delegate void Dequantizer(ReadOnlySpan<byte> blocks, Span<float> values);

/// <summary>An element type of GGUF tensors: values come in blocks of equal size.</summary>
/// <param name="Name">As ggml prints it, for example <c>Q4_1</c>.</param>
/// <param name="BlockValues">Values of a block; a row is a whole number of blocks.</param>
/// <param name="BlockBytes">Stored bytes of a block.</param>
internal sealed record GgmlType(string Name, int BlockValues, int BlockBytes, Dequantizer Dequantize)
{
    private static readonly Dictionary<uint, GgmlType> Known = new()
    {
        [0] = new("F32", 1, 4, Dequantization.Float32),
        [1] = new("F16", 1, 2, Dequantization.Float16),
        [2] = new("Q4_0", 32, 18, Dequantization.Q4_0),
        [3] = new("Q4_1", 32, 20, Dequantization.Q4_1),
        [6] = new("Q5_0", 32, 22, Dequantization.Q5_0),
        [7] = new("Q5_1", 32, 24, Dequantization.Q5_1),
        [8] = new("Q8_0", 32, 34, Dequantization.Q8_0),
        [12] = new("Q4_K", 256, 144, SuperBlockDequantization.Q4_K),
        [13] = new("Q5_K", 256, 176, SuperBlockDequantization.Q5_K),
        [14] = new("Q6_K", 256, 210, SuperBlockDequantization.Q6_K),
        [30] = new("BF16", 1, 2, Dequantization.BFloat16),
    };

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
}
