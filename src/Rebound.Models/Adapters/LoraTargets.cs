using System.Buffers;
using System.Collections.Immutable;

namespace Rebound.Models.Adapters;

/// <summary>
/// Which linear layers have an adapter, as PEFT's configuration says it: by names or their ends, by a regular expression
/// over whole names, or all of them; without the excluded ones, and in chosen blocks only.
/// </summary>
public sealed record LoraTargets
{
    /// <summary>PEFT's word for every linear layer but the head.</summary>
    public const string AllLinear = "all-linear";

    /// <summary>Characters that names do not have and regular expressions do; a dot is in both.</summary>
    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create(@"*+?()[]{}|\^$");

    private static readonly (string Short, string Name)[] Layers =
    [
        ("q", "q_proj"), ("k", "k_proj"), ("v", "v_proj"), ("o", "o_proj"), ("gate", "gate_proj"), ("up", "up_proj"), ("down", "down_proj"),
    ];

    /// <summary>All linear layers of all blocks.</summary>
    public static LoraTargets All { get; } = new() { Pattern = AllLinear };

    /// <summary>Names, or what names end with after a dot; empty with <see cref="Pattern"/>.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>A regular expression over whole names, or <see cref="AllLinear"/>; null with <see cref="Names"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>Names, or their ends, of layers that have none.</summary>
    public ImmutableArray<string> ExcludedNames { get; init; } = [];

    /// <summary>A regular expression over whole names of layers that have none.</summary>
    public string? ExcludedPattern { get; init; }

    /// <summary>The blocks whose layers have one; empty for all.</summary>
    public ImmutableArray<int> Blocks { get; init; } = [];

    /// <summary>Patterns of the name before a block's number; empty for any name.</summary>
    public ImmutableArray<string> BlocksPatterns { get; init; } = [];

    /// <summary>
    /// Reads what a person types: <c>all</c>, names (<c>q_proj,v_proj</c> or <c>q,v</c>, with commas or spaces), or a
    /// regular expression over whole names.
    /// </summary>
    /// <exception cref="ArgumentException">A name is not one of a linear layer.</exception>
    public static LoraTargets Parse(string text)
    {
        string[] words = text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words is ["all" or AllLinear])
        {
            return All;
        }

        if (text.AsSpan().ContainsAny(PatternCharacters))
        {
            return new LoraTargets { Pattern = text };
        }

        return words.Length > 0
            ? new LoraTargets { Names = [.. words.Select(LayerName).Distinct()] }
            : throw new ArgumentException($"No target is named; {Allowed}.");
    }

    /// <summary>The allowed targets, for messages.</summary>
    private static string Allowed =>
        $"there are all, {string.Join(", ", Layers.Select(layer => layer.Name))}, and regular expressions over whole names";

    /// <summary>Whether a linear layer has an adapter.</summary>
    /// <param name="module">Its name, for example <c>model.layers.0.self_attn.q_proj</c>.</param>
    /// <exception cref="ArgumentException">A pattern is not a regular expression.</exception>
    public bool Covers(string module)
    {
        var included = Pattern switch
        {
            null => Names.Any(name => IsNameOrEnd(name, module)),
            AllLinear => true,
            _ => ModulePattern.MatchesWhole(Pattern, module),
        };
        var excluded = ExcludedPattern is null
            ? ExcludedNames.Any(name => IsNameOrEnd(name, module))
            : ModulePattern.MatchesWhole(ExcludedPattern, module);
        return included && !excluded && IsInBlocks(module);
    }

    /// <summary>As <c>target_modules</c> has it: the pattern, or the names.</summary>
    public override string ToString() => Pattern ?? string.Join(", ", Names);

    private bool IsInBlocks(string module)
    {
        if (Blocks.IsEmpty)
        {
            return true;
        }

        var patterns = BlocksPatterns.IsEmpty ? [@"[^.]*"] : BlocksPatterns;
        var block = patterns.Select(pattern => ModulePattern.LayerAfter(pattern, module)).FirstOrDefault(found => found is not null);
        return block is { } number && Blocks.Contains(number);
    }

    private static string LayerName(string word)
    {
        var name = Array.Find(Layers, layer => layer.Short == word).Name ?? word;
        return Array.Exists(Layers, layer => IsNameOrEnd(layer.Name, name))
            ? name
            : throw new ArgumentException($"'{word}' is no linear layer of a block; {Allowed}.");
    }

    private static bool IsNameOrEnd(string name, string module) =>
        module == name || module.EndsWith($".{name}", StringComparison.Ordinal);
}
