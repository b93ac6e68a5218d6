using System.CommandLine;
using Rebound.Checkpoints;
using Rebound.Jinja;

namespace Rebound.Cli.Text;

/// <summary>The chat template and special tokens that the options name.</summary>
/// <param name="Source">The template's text; null if no option names one.</param>
/// <param name="Location">Where the text comes from.</param>
/// <param name="BosText">The text of the token that begins a sequence.</param>
/// <param name="EosText">The text of the token that ends one.</param>
internal sealed record TemplateChoice(ChatTemplateText? Source, string Location, string BosText, string EosText)
{
    public static readonly Option<string?> Template = new("--template") { HelpName = "FILE", Description = "A chat template" };

    public static readonly Option<string?> Model = new("--model", "-m")
    {
        HelpName = "PATH",
        Description = "Take template and special tokens from a Hugging Face folder or a .gguf file",
    };

    public static readonly Option<string?> BosToken = new("--bos-token")
    {
        HelpName = "TEXT",
        Description = "The token that begins a sequence (default the model's, or none)",
    };

    public static readonly Option<string?> EosToken = new("--eos-token")
    {
        HelpName = "TEXT",
        Description = "The token that ends a sequence (default the model's, or none)",
    };

    /// <exception cref="InputException">The model has no chat template.</exception>
    public static TemplateChoice Read(CommandContext context)
    {
        var (path, modelPath) = (context.Get(Template), context.Get(Model));
        var model = modelPath is null ? null : TokenizerSource.Open(modelPath);
        var source = path is not null ? new ChatTemplateText(ChatTemplateText.Load(path)) : model?.ChatTemplate;
        if (source is null && model is not null)
        {
            throw new InputException($"{modelPath} has no chat template; give one with --template FILE.");
        }

        return new TemplateChoice(
            source,
            path ?? modelPath ?? "",
            context.Get(BosToken) ?? model?.SpecialToken(TokenizerSource.BosTokenKey, id: null) ?? "",
            context.Get(EosToken) ?? model?.SpecialToken(TokenizerSource.EosTokenKey, id: null) ?? "");
    }

    /// <exception cref="ChatTemplateException">It is no template.</exception>
    public ChatTemplate Parse() => ChatTemplate.Parse(Source ?? throw new InvalidOperationException("no option names a template"));
}
