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

    public static readonly Option<bool> AdapterOnly = new("--adapter-only")
    {
        Description = "Write the adapter alone, to go beside its model's GGUF file in llama.cpp (F32, BF16 or F16; default F32)",
    };

    public static readonly Option<string?> Modelfile = new("--modelfile")
    {
        HelpName = "FILE",
        Description = "Write a Modelfile for Ollama beside it: template, end tokens, and a trained agent's prompt and condition",
    };

    /// <summary>The type of an adapter's file.</summary>
    /// <exception cref="InputException">Adapters are not written in it.</exception>
    public static GgufFileType AdapterType(CommandContext context) =>
        GgufFileType.Find(context.Get(Type) ?? "F32") is { IsQuantized: false } type
            ? type
            : throw new InputException($"--type is '{context.Get(Type)}', and with {AdapterOnly.Name} must be F32, BF16 or F16.");

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
