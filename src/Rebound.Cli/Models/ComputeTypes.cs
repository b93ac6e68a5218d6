using System.CommandLine;
using Rebound.Engine;

namespace Rebound.Cli.Models;

/// <summary>The element types that a backend computes in and keeps, by the names that options take.</summary>
internal static class ComputeTypes
{
    private static readonly (string Name, DType Type)[] All = [("float32", DType.Float32), ("bfloat16", DType.BFloat16)];

    /// <summary>An option that names one of them, or none.</summary>
    public static Option<string?> Option(string name, string description, params string[] aliases)
    {
        var option = new Option<string?>(name,
            aliases)
        { HelpName = string.Join('|', All.Select(type => type.Name)), Description = description };
        option.AcceptOnlyFromAmong([.. All.Select(type => type.Name)]);
        return option;
    }

    /// <summary>The type of a name; null for none.</summary>
    public static DType? Chosen(string? name) => name is null ? null : Array.Find(All, type => type.Name == name).Type;

    public static string NameOf(DType type) => Array.Find(All, entry => entry.Type == type).Name;
}
