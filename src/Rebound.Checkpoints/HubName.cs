using System.Text.RegularExpressions;

namespace Rebound.Checkpoints;

/// <summary>Recognizes names of models on the Hugging Face hub, given in place of a path.</summary>
public static partial class HubName
{
    private static readonly string[] FileEndings = [".gguf", ".safetensors", ".json", ".jinja", ".bin", ".pt", ".pth"];

    /// <summary>The name of a hub name or address, <c>OWNER/NAME</c>; null for anything else.</summary>
    public static string? Find(string text) => Match(text)?.Groups["name"].Value;

    /// <summary>How to download the model of a hub name or address; null for anything else.</summary>
    public static string? Help(string text)
    {
        if (Match(text) is not { } match)
        {
            return null;
        }

        var name = match.Groups["name"].Value;
        var selector = match.Groups["selector"] is { Success: true } chosen ? $":{chosen.Value}"
            : name.Contains("gguf", StringComparison.OrdinalIgnoreCase) ? ":Q4_K_M" : "";
        return $"'{name}' looks like a name on the Hugging Face hub, and is not in its cache here: 'rebound pull {name}{selector}' "
            + "gets it.";
    }

    /// <summary>Paths in folders that are there, and of files, are no names.</summary>
    private static Match? Match(string text) =>
        Name().Match(text) is { Success: true } match
            && (match.Groups["name"].Value != text
                || !(Directory.Exists(Path.GetDirectoryName(text)) || FileEndings.Contains(Path.GetExtension(text))))
            ? match : null;

    /// <summary>owner/model, also as an address, and with what other programs write behind it: a branch, a file, or :Q4_K_M.</summary>
    [GeneratedRegex(
        @"^(?:(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/|hf://|hf:)?"
            + @"(?<name>[A-Za-z0-9][\w.-]*/[A-Za-z0-9](?:[\w.-]*\w)?)(?::(?<selector>[\w.-]+)|/(?:tree|blob|resolve)/.*|/)?$",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
