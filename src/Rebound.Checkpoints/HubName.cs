using System.Text.RegularExpressions;

namespace Rebound.Checkpoints;

/// <summary>Recognizes names of models on the Hugging Face hub, given in place of a path.</summary>
public static partial class HubName
{
    private static readonly string[] FileEndings = [".gguf", ".safetensors", ".json", ".jinja", ".bin", ".pt", ".pth"];

    private const string Site = "https://huggingface.co/";

    /// <summary>How to download the model of a hub name or address; null for anything else.</summary>
    public static string? Help(string text)
    {
        if (Name().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var (name, folder) = (match.Groups["name"].Value, match.Groups["model"].Value);
        if (name == text && (Directory.Exists(Path.GetDirectoryName(text)) || FileEndings.Contains(Path.GetExtension(text))))
        {
            return null;
        }

        var file = name.Contains("gguf", StringComparison.OrdinalIgnoreCase) ? " FILE.gguf" : "";
        return $"'{name}' looks like a name on the Hugging Face hub, from which nothing is downloaded here: "
            + $"'hf download {name}{file} --local-dir {folder}' gets it, or 'git clone {Site}{name}' with Git LFS; then give that folder, "
            + "or a .gguf file in it.";
    }

    /// <summary>owner/model, also as an address, and with what other programs write behind it: a branch, a file, or :Q4_K_M.</summary>
    [GeneratedRegex(
        @"^(?:(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/|hf://|hf:)?"
            + @"(?<name>[A-Za-z0-9][\w.-]*/(?<model>[A-Za-z0-9](?:[\w.-]*\w)?))(?::[\w.-]+|/(?:tree|blob|resolve)/.*|/)?$",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
