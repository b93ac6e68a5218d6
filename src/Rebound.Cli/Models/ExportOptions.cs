using System.CommandLine;
using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Cli.Options;

namespace Rebound.Cli.Models;

/// <summary>The options of <c>rebound export</c>.</summary>
internal static class ExportOptions
{
    public const string Gguf = "gguf";
    public const string HuggingFace = "huggingface";

    public static readonly Option<string> Format = OptionOf.OneOf(
        "--format", "What to write: one GGUF file for llama.cpp and Ollama, or a Hugging Face folder", Gguf, HuggingFace);

    public static readonly Option<string?> Type = new("--type")
    {
        HelpName = string.Join('|', GgufFileType.All.Select(type => type.Name)),
        Description = "Type of the weights (default Q8_0 for gguf, and for huggingface the model's own, or F32); folders take F32, BF16 "
            + "and F16",
    };

    public static readonly Option<string?> Output = new("--output")
    {
        HelpName = "PATH",
        Description = "File or folder to write (default NAME.TYPE.gguf here; a folder has to be named)",
    };

    /// <summary>The type of a GGUF file.</summary>
    /// <exception cref="InputException">There is none of the name.</exception>
    public static GgufFileType GgufType(CommandContext context)
    {
        var name = context.Get(Type) ?? "Q8_0";
        return GgufFileType.Find(name)
            ?? throw new InputException(
                $"--type is '{name}', and must be one of {string.Join(", ", GgufFileType.All.Select(type => type.Name))}.");
    }

    /// <summary>The type of a folder's weights; null for the model's own.</summary>
    /// <exception cref="InputException">Folders take no such type.</exception>
    public static StoredFloatType? FolderType(CommandContext context) => context.Get(Type) is not { } name ? null
        : Enum.TryParse<StoredFloatType>(name, ignoreCase: true, out var type) && Enum.IsDefined(type) ? type
        : throw new InputException(
            $"--type is '{name}', and Hugging Face folders take {string.Join(", ", Enum.GetNames<StoredFloatType>())}; --format {Gguf} "
                + "takes the others.");
}
