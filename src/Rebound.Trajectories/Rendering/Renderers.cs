using Rebound.Jinja;
using Rebound.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>The renderers by the names that options and agent cards use.</summary>
public static class Renderers
{
    public static IReadOnlyList<string> Names { get; } = [ChatTemplateRenderer.RendererName, Llama2Renderer.RendererName];

    /// <summary>A renderer for a model's text side.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="chatTemplate">The model's chat template; null where it has none.</param>
    /// <param name="bosToken">Text of the token that chat templates know as <c>bos_token</c>.</param>
    /// <param name="eosToken">Text of the token that chat templates know as <c>eos_token</c>.</param>
    /// <param name="reasoning">Whether the model is to reason before it answers; null for what its template does by itself.</param>
    /// <exception cref="ArgumentException">No renderer has the name, or the model lacks what it needs.</exception>
    /// <exception cref="ChatTemplateException">The chat template is none.</exception>
    public static ConversationRenderer Create(
        string name, Tokenizer tokenizer, ChatTemplateText? chatTemplate, string bosToken, string eosToken,
        bool? reasoning = null) => name switch
        {
            Llama2Renderer.RendererName when reasoning is { } value =>
                throw ReasoningSwitch.Unknown(value, $"the renderer {name} knows none"),
            Llama2Renderer.RendererName => new Llama2Renderer(tokenizer),
            ChatTemplateRenderer.RendererName when chatTemplate is null => throw new ArgumentException(
                "The model has no chat template, so conversations cannot be rendered for it: use an instruction-tuned model, or "
                + $"the renderer {Llama2Renderer.RendererName} if it has Llama 2's tokenizer."),
            ChatTemplateRenderer.RendererName =>
                new ChatTemplateRenderer(ChatTemplate.Parse(chatTemplate), tokenizer, bosToken, eosToken, reasoning),
            _ => throw new ArgumentException($"'{name}' is no renderer; there are {string.Join(" and ", Names)}."),
        };
}
