using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Jinja;
using Rebound.Models;
using Rebound.Text;

namespace Rebound.Training.Documents;

/// <summary>The tokenizer and the chat template of a model, which rendering needs: no weights.</summary>
/// <param name="Location">The folder or file it comes from; null for a tokenizer that was made here.</param>
/// <param name="ChatTemplate">The template's text; null when there is none.</param>
/// <param name="BosToken">Text of the token that begins a sequence; empty when there is none.</param>
/// <param name="EosToken">Text of the token that ends a sequence; empty when there is none.</param>
/// <param name="ContextLength">Tokens that the model takes at most; null where there is a tokenizer alone.</param>
public sealed record TextSource(
    string? Location, Tokenizer Tokenizer, ChatTemplateText? ChatTemplate, string BosToken, string EosToken, int? ContextLength)
{
    public static TextSource Of(ModelSource model) => Of(model.Location, model.TokenizerSource, model.Config);

    /// <summary>Of a tokenizer, with the configuration of the model that it belongs to, or without one.</summary>
    public static TextSource Of(string? location, TokenizerSource source, LlamaConfig? config) => new(
        location,
        source.Tokenizer,
        source.ChatTemplate,
        source.SpecialToken(TokenizerSource.BosTokenKey, config?.BosTokenId),
        source.SpecialToken(TokenizerSource.EosTokenKey, config?.EosTokenIds is [var first, ..] ? first : null),
        config?.ContextLength);

    /// <summary>Opens a model for its text alone, or a tokenizer that has no model beside it.</summary>
    /// <param name="warn">Told of what is wrong in the model's files and does not matter here.</param>
    /// <exception cref="CheckpointException">Nothing is there, or it cannot be read.</exception>
    public static TextSource Open(string path, Action<IReadOnlyList<string>>? warn = null)
    {
        if (!HasWeights(path))
        {
            return Of(path, TokenizerSource.Open(path), config: null);
        }

        using var model = ModelSource.Open(path);
        warn?.Invoke(model.Warnings);
        return Of(model);
    }

    private static bool HasWeights(string path) => Directory.Exists(path)
        ? SafetensorsFolder.Exists(path) || Directory.GetFiles(path, "*.gguf").Length > 0
        : Path.GetExtension(path) == ".gguf";
}
