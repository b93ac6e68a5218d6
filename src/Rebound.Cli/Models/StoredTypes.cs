using System.CommandLine;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;

namespace Rebound.Cli.Models;

/// <summary>The element types of written weights, by the names that <c>--save-dtype</c> takes.</summary>
internal static class StoredTypes
{
    private static readonly (string Name, StoredFloatType Type)[] All =
    [
        ("float32", StoredFloatType.F32), ("bfloat16", StoredFloatType.BF16), ("float16", StoredFloatType.F16),
    ];

    /// <param name="otherwise">The default.</param>
    public static Option<string?> Option(string otherwise)
    {
        var option = new Option<string?>("--save-dtype")
        {
            HelpName = string.Join('|', All.Select(type => type.Name)),
            Description = $"Element type of the written weights (default {otherwise})",
        };
        option.AcceptOnlyFromAmong([.. All.Select(type => type.Name)]);
        return option;
    }

    /// <summary>The type of a name; null for none.</summary>
    public static StoredFloatType? Chosen(string? name) => name is null ? null : Array.Find(All, type => type.Name == name).Type;

    public static string NameOf(StoredFloatType type) => Array.Find(All, entry => entry.Type == type).Name;

    /// <summary>The type of most numbers of a checkpoint, or fp32 if the library cannot write it.</summary>
    public static StoredFloatType Of(ITensorSource tensors)
    {
        var most = tensors.Tensors.Values
            .GroupBy(tensor => tensor.StoredType)
            .MaxBy(group => group.Sum(tensor => tensor.Count))?.Key;
        return Enum.TryParse<StoredFloatType>(most, out var type) ? type : StoredFloatType.F32;
    }
}
