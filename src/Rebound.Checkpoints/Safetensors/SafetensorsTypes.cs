namespace Rebound.Checkpoints.Safetensors;

/// <summary>The element types that a safetensors header may name, with their sizes in bytes.</summary>
internal static class SafetensorsTypes
{
    private static readonly Dictionary<string, int> Sizes = new()
    {
        ["BOOL"] = 1,
        ["U8"] = 1,
        ["I8"] = 1,
        ["F8_E5M2"] = 1,
        ["F8_E4M3"] = 1,
        ["U16"] = 2,
        ["I16"] = 2,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["U32"] = 4,
        ["I32"] = 4,
        ["F32"] = 4,
        ["U64"] = 8,
        ["I64"] = 8,
        ["F64"] = 8,
    };

    public static string Names => string.Join(", ", Sizes.Keys);

    public static bool TryGetSize(string dtype, out int size) => Sizes.TryGetValue(dtype, out size);
}
