using System.Text.Json.Nodes;
using Rebound.Files;

namespace Rebound.Checkpoints;

/// <summary>
/// The files that say how a model's texts become tokens and its messages texts: they go with the model wherever it is
/// written, as they are.
/// </summary>
internal static class TokenizerFiles
{
    /// <summary>The folder of templates that have names, beside the one of <see cref="ModelFiles.ChatTemplate"/>.</summary>
    public const string TemplatesFolderName = "additional_chat_templates";

    private static readonly string[] SpecialTokenKeys = ["bos_token", "eos_token", "unk_token", "pad_token"];

    /// <summary>Files that say more about a tokenizer, or about templates.</summary>
    private static readonly string[] Beside =
    [
        ModelFiles.TokenizerConfig, OlderTokenizerFiles.SpecialTokensFileName, OlderTokenizerFiles.AddedTokensFileName,
        ModelFiles.ChatTemplate, ChatTemplateFiles.OlderFileName,
    ];

    /// <summary>The same vocabulary in other forms.</summary>
    private static readonly string[] OtherForms = ["vocab.json", "merges.txt", "tokenizer.model"];

    /// <summary>Every file that a tokenizer may have.</summary>
    public static IEnumerable<string> Names => [ModelFiles.Tokenizer, .. Beside, .. OtherForms];

    /// <summary>Copies a tokenizer with the files beside it.</summary>
    /// <param name="tokenizer">The tokenizer.json, whatever its name; it need not be there.</param>
    public static void Copy(string tokenizer, string destination)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(tokenizer))!;
        WholeFile.Copy(tokenizer, Path.Combine(destination, ModelFiles.Tokenizer));
        foreach (var name in Path.GetFileName(tokenizer) == ModelFiles.Tokenizer ? [.. Beside, .. OtherForms] : Beside)
        {
            WholeFile.Copy(Path.Combine(folder, name), Path.Combine(destination, name));
        }

        var templates = Path.Combine(folder, TemplatesFolderName);
        foreach (var template in Directory.Exists(templates) ? Directory.GetFiles(templates) : [])
        {
            Directory.CreateDirectory(Path.Combine(destination, TemplatesFolderName));
            WholeFile.Copy(template, Path.Combine(destination, TemplatesFolderName, Path.GetFileName(template)));
        }
    }

    /// <summary>Writes a tokenizer and its configuration.</summary>
    public static void Write(string destination, JsonObject tokenizer, JsonObject config)
    {
        WholeFile.WriteJson(Path.Combine(destination, ModelFiles.Tokenizer), tokenizer);
        WholeFile.WriteJson(Path.Combine(destination, ModelFiles.TokenizerConfig), config);
    }

    /// <summary>Writes a configuration's special tokens to a file of their own, for readers that expect one, unless it exists.</summary>
    public static void WriteSpecialTokens(string destination, JsonObject config)
    {
        var path = Path.Combine(destination, OlderTokenizerFiles.SpecialTokensFileName);
        if (!File.Exists(path))
        {
            WholeFile.WriteJson(path, HuggingFaceFolder.Selected(config, SpecialTokenKeys));
        }
    }
}
