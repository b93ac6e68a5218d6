using Rebound.Cli.Terminal;
using Rebound.Jinja;
using Rebound.Models;
using Rebound.Models.Checkpoints;
using Rebound.Text;

namespace Rebound.Cli.Data;

/// <summary>What of a model rendering needs: no weights.</summary>
/// <param name="Location">The folder or file it comes from.</param>
/// <param name="ChatTemplate">The template's text; null when there is none.</param>
/// <param name="BosToken">Text of the token that begins a sequence; empty when there is none.</param>
/// <param name="EosToken">Text of the token that ends a sequence; empty when there is none.</param>
/// <param name="ContextLength">Tokens that the model takes at most; null where there is a tokenizer alone.</param>
internal sealed record TextSource(
    string Location, Tokenizer Tokenizer, ChatTemplateText? ChatTemplate, string BosToken, string EosToken, int? ContextLength)
{
    public static TextSource Of(ModelSource model) => new(
        model.Location, model.Tokenizer, model.ChatTemplateSource, model.BosToken, model.EosToken, model.Config.ContextLength);

    /// <summary>Opens a model for its text alone, or a tokenizer that has no model beside it.</summary>
    /// <param name="terminal">Told of what is wrong in the model's files and does not matter here.</param>
    /// <exception cref="CheckpointException">Nothing is there, or it cannot be read.</exception>
    public static TextSource Open(string path, CommandTerminal terminal)
    {
        if (HasWeights(path))
        {
            using var model = ModelSource.Open(path);
            terminal.Warn(model.Warnings);
            return Of(model);
        }

        var source = TokenizerSource.Open(path);
        return new TextSource(
            path,
            source.Tokenizer,
            source.ChatTemplate,
            source.SpecialToken(TokenizerSource.BosTokenKey, id: null),
            source.SpecialToken(TokenizerSource.EosTokenKey, id: null),
            ContextLength: null);
    }

    private static bool HasWeights(string path) => Directory.Exists(path)
        ? SafetensorsFolder.Exists(path) || Directory.GetFiles(path, "*.gguf").Length > 0
        : Path.GetExtension(path) == ".gguf";
}
