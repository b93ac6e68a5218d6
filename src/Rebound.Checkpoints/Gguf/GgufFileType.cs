namespace Rebound.Checkpoints.Gguf;

/// <summary>A type that GGUF files are written in: that of most of their matrices.</summary>
public sealed class GgufFileType
{
    private GgufFileType(string name, uint number, GgmlType type, bool isMixed = false) =>
        (Name, Number, Type, IsMixed) = (name, number, type, isMixed);

    /// <summary>Every type that is written, the most exact ones first.</summary>
    public static IReadOnlyList<GgufFileType> All { get; } =
    [
        new("F32", 0, GgmlType.F32),
        new("BF16", 32, GgmlType.BF16),
        new("F16", 1, GgmlType.F16),
        new("Q8_0", 7, GgmlType.Q8_0),
        new("Q6_K", 18, GgmlType.Q6_K),
        new("Q5_K_M", 17, GgmlType.Q5_K, isMixed: true),
        new("Q5_1", 9, GgmlType.Q5_1),
        new("Q5_0", 8, GgmlType.Q5_0),
        new("Q4_K_M", 15, GgmlType.Q4_K, isMixed: true),
        new("Q4_1", 3, GgmlType.Q4_1),
        new("Q4_0", 2, GgmlType.Q4_0),
    ];

    /// <summary>As llama.cpp has it, for example <c>Q4_K_M</c>.</summary>
    public string Name { get; }

    /// <summary>The number of <c>general.file_type</c>.</summary>
    internal uint Number { get; }

    internal GgmlType Type { get; }

    /// <summary>Whether some blocks get more bits than others (the <c>_M</c> types).</summary>
    internal bool IsMixed { get; }

    /// <summary>Whether weights are stored as codes with scales.</summary>
    public bool IsQuantized => Type.IsQuantized;

    /// <summary>The type of a name, whatever its case; null where there is none.</summary>
    public static GgufFileType? Find(string name) =>
        All.FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.OrdinalIgnoreCase));
}
