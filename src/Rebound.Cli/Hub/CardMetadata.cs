using System.Text;
using System.Text.Json.Nodes;
using Rebound.Files.Rows;
using Rebound.Files.Yaml;

namespace Rebound.Cli.Hub;

/// <summary>The YAML before the text of a model card, which the hub reads: https://huggingface.co/docs/hub/model-cards.</summary>
internal static class CardMetadata
{
    /// <summary>The name of a model card.</summary>
    public const string FileName = "README.md";

    private const string Mark = "---";

    /// <summary>Of a card's file; empty where there is none, or none that can be read.</summary>
    public static JsonObject Read(string path)
    {
        try
        {
            return File.Exists(path) && Of(File.ReadAllText(path)) is { } yaml ? YamlFile.Parse(yaml, path) as JsonObject ?? [] : [];
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            // Another's card tells what it can.
            return [];
        }
    }

    /// <summary>Entries with a text or a list of texts; those without are left out.</summary>
    public static string Write(params (string Name, IReadOnlyList<string> Values, bool IsList)[] entries)
    {
        var text = new StringBuilder($"{Mark}\n");
        foreach (var (name, values, isList) in entries.Where(entry => entry.Values.Count > 0))
        {
            text.Append(isList
                ? $"{name}:\n{string.Concat(values.Select(value => $"- {Quoted(value)}\n"))}"
                : $"{name}: {Quoted(values[0])}\n");
        }

        return $"{text}{Mark}\n";
    }

    private static string? Of(string card)
    {
        var lines = card.Replace("\r\n", "\n", StringComparison.Ordinal).TrimStart('\uFEFF').Split('\n');
        var end = lines.Length > 0 && lines[0] == Mark ? Array.IndexOf(lines, Mark, 1) : -1;
        return end < 0 ? null : string.Join('\n', lines[1..end]);
    }

    /// <summary>Plain where YAML reads a text there, and as JSON has it otherwise.</summary>
    private static string Quoted(string value) =>
        value.Length > 0 && char.IsAsciiLetter(value[0]) && value.ToUpperInvariant() is not ("NULL" or "TRUE" or "FALSE" or "YES" or "NO")
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-')
            ? value
            : JsonValue.Create(value).ToJsonString();
}
