using System.Text.Json.Nodes;

namespace Rebound.Models.Configuration;

/// <summary>
/// The sliding window of every layer. Mistral has one for all layers; Qwen2 and Qwen3 have one, when
/// <c>use_sliding_window</c> says so, on the layers that <c>layer_types</c> names or else from
/// <c>max_window_layers</c> on; Llama has none.
/// </summary>
internal static class WindowParser
{
    private const string WindowKey = "sliding_window";
    private const string TypesKey = "layer_types";
    private const string Sliding = "sliding_attention";
    private const string Full = "full_attention";

    public static int[] Read(ConfigReader reader, LlamaVariant variant, int layers)
    {
        if (variant is LlamaVariant.Qwen2 or LlamaVariant.Qwen3)
        {
            return Qwen(reader, layers);
        }

        // Qwen's keys, which transformers' classes of the other variants never look at.
        reader.Ignore("use_sliding_window");
        reader.Ignore("max_window_layers");
        return variant == LlamaVariant.Mistral ? Mistral(reader, layers) : Llama(reader, layers);
    }

    private static int[] Llama(ConfigReader reader, int layers)
    {
        if (reader.Node(WindowKey) is { } window)
        {
            reader.Problem(WindowKey, $"is {window.ToJsonString()}: Llama has no sliding window, only null is supported");
        }

        return Agreeing(reader, new int[layers]);
    }

    private static int[] Mistral(ConfigReader reader, int layers)
    {
        // transformers' default of an absent key is 4096; null means none.
        var window = reader.Has(WindowKey) ? reader.Count(WindowKey, 0) : 4096;
        var windows = new int[layers];
        Array.Fill(windows, window);
        return Agreeing(reader, windows);
    }

    private static int[] Qwen(ConfigReader reader, int layers)
    {
        var used = reader.Flag("use_sliding_window", false);
        var window = reader.Has(WindowKey) ? reader.Count(WindowKey, 0) : 4096;
        var first = Math.Max(0, ReadFirstWindowed(reader));
        if (!used)
        {
            return Agreeing(reader, new int[layers]);
        }

        if (ReadTypes(reader, layers) is { } types)
        {
            if (window == 0 && Array.IndexOf(types, Sliding) >= 0)
            {
                reader.Problem(WindowKey, $"is missing, but {TypesKey} has {Sliding} layers");
            }

            return [.. types.Select(type => type == Sliding ? window : 0)];
        }

        return [.. Enumerable.Range(0, layers).Select(layer => layer >= first ? window : 0)];
    }

    private static int ReadFirstWindowed(ConfigReader reader)
    {
        const string Key = "max_window_layers";
        return reader.Node(Key)?.ToJsonString() == "0" ? 0 : reader.Count(Key, 28);
    }

    /// <summary>For variants whose windows <c>layer_types</c> does not decide: it may only repeat them.</summary>
    private static int[] Agreeing(ConfigReader reader, int[] windows)
    {
        if (ReadTypes(reader, windows.Length) is { } types)
        {
            for (var layer = 0; layer < windows.Length; layer++)
            {
                var expected = windows[layer] > 0 ? Sliding : Full;
                if (types[layer] != expected)
                {
                    reader.Problem(TypesKey, $"has \"{types[layer]}\" for layer {layer}, where the other keys say \"{expected}\"");
                    break;
                }
            }
        }

        return windows;
    }

    private static string[]? ReadTypes(ConfigReader reader, int layers)
    {
        if (reader.Node(TypesKey) is not { } node)
        {
            return null;
        }

        if (node is not JsonArray list || list.Count != layers || list.Any(type => type?.ToString() is not (Sliding or Full)))
        {
            reader.Problem(TypesKey, $"is {node.ToJsonString()}: a list of {layers} times {Full} or {Sliding} is needed");
            return null;
        }

        return [.. list.Select(type => type!.ToString())];
    }
}
