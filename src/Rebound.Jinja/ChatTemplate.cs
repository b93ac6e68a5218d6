using System.Text.Json.Nodes;
using Rebound.Jinja.Library;
using Rebound.Jinja.Nodes;
using Rebound.Jinja.Syntax;
using Rebound.Jinja.Values;

namespace Rebound.Jinja;

/// <summary>
/// A model's chat template: the Jinja program that turns messages into the text the model was trained on. Renders as
/// Hugging Face's <c>apply_chat_template</c> does (sandboxed, <c>trim_blocks</c>, <c>lstrip_blocks</c>, loop controls,
/// <c>tojson</c> as <c>json.dumps</c> writes it). Parsed once, rendered from any thread.
/// </summary>
/// <remarks>https://jinja.palletsprojects.com/en/stable/templates/</remarks>
public sealed class ChatTemplate
{
    private readonly ParsedTemplate _template;
    private readonly Lazy<ParsedTemplate> _toolUse;
    private readonly ChatTemplateLimits _limits;
    private readonly TimeProvider _clock;

    private ChatTemplate(ChatTemplateText source, ChatTemplateLimits limits, TimeProvider clock)
    {
        _template = TemplateParser.Parse(source.Default);
        _toolUse = new Lazy<ParsedTemplate>(() => source.ToolUse is { } text ? TemplateParser.Parse(text) : _template);
        _limits = limits;
        _clock = clock;
    }

    /// <summary>Parses a template.</summary>
    /// <param name="source">The template's text, <c>chat_template</c> of a <c>tokenizer_config.json</c>.</param>
    /// <param name="limits">Bounds of a rendering; <see cref="ChatTemplateLimits.Default"/> if left out.</param>
    /// <param name="clock">The clock of <c>strftime_now</c>, in its local time zone; the system's by default.</param>
    /// <exception cref="ChatTemplateException">The source is no template, or uses what does not exist.</exception>
    public static ChatTemplate Parse(string source, ChatTemplateLimits? limits = null, TimeProvider? clock = null) =>
        Parse(new ChatTemplateText(source), limits, clock);

    /// <summary>Parses a template and, once tools are given, the one for tools.</summary>
    /// <inheritdoc cref="Parse(string, ChatTemplateLimits?, TimeProvider?)"/>
    public static ChatTemplate Parse(ChatTemplateText source, ChatTemplateLimits? limits = null, TimeProvider? clock = null) =>
        new(source, limits ?? ChatTemplateLimits.Default, clock ?? TimeProvider.System);

    /// <summary>Whether the template, with tools or without, takes a variable of this name from whoever renders it.</summary>
    public bool Reads(string variable) => _template.OutsideNames.Contains(variable) || _toolUse.Value.OutsideNames.Contains(variable);

    /// <summary>Renders messages to the model's text.</summary>
    /// <param name="messages">The conversation: objects with <c>role</c>, <c>content</c> and what the template knows.</param>
    /// <param name="tools">
    /// JSON schemas of the tools offered, an empty list too, for which the template for tools is taken where there is one; None
    /// in the template if null.
    /// </param>
    /// <param name="addGenerationPrompt">Whether to end with what opens an assistant's turn.</param>
    /// <param name="bosToken">Text of the token that begins a sequence.</param>
    /// <param name="eosToken">Text of the token that ends one.</param>
    /// <param name="variables">Further variables, such as <c>enable_thinking</c>; they go before the ones above.</param>
    /// <exception cref="ChatTemplateException">
    /// The template refused the messages (<see cref="ChatTemplateFault.Raised"/>), failed on them, or reached a limit.
    /// </exception>
    public string Render(
        JsonArray messages,
        JsonArray? tools,
        bool addGenerationPrompt,
        string bosToken,
        string eosToken,
        JsonObject? variables = null) =>
        Render(() => JsonValues.Read(messages), tools, addGenerationPrompt, bosToken, eosToken, variables).Output;

    /// <inheritdoc cref="Render(JsonArray, JsonArray?, bool, string, string, JsonObject?)"/>
    public string Render(
        TemplateMessages messages, JsonArray? tools, bool addGenerationPrompt, string bosToken,
        string eosToken, JsonObject? variables = null)
    {
        var rendered = Render(() => messages.Value, tools, addGenerationPrompt, bosToken, eosToken, variables);
        messages.Steps += rendered.Steps;
        return messages.Steps <= _limits.ConversationSteps
            ? rendered.Output
            : throw Fault.Limit(
                $"rendering the conversation up to each of its answers took more than the limit of {_limits.ConversationSteps} steps; make "
                    + "several of it");
    }

    private (string Output, long Steps) Render(
        Func<object?> messages, JsonArray? tools, bool addGenerationPrompt, string bosToken, string eosToken, JsonObject? variables)
    {
        var template = tools is null ? _template : _toolUse.Value;
        var globals = new object?[template.OutsideNames.Length];
        var state = new RenderState(_limits, _clock, globals);
        using var rendering = state.Begin();
        try
        {
            for (var place = 0; place < globals.Length; place++)
            {
                globals[place] = Outside(template.OutsideNames[place]);
            }

            Statement.ExecuteAll(template.Body, state, new Frame(template.Variables, null));
            return (state.Output, state.Steps);
        }
        catch (ChatTemplateException exception) when (exception.Line == 0)
        {
            throw exception.At(state.Line);
        }

        object? Outside(string name)
        {
            if (variables is not null && variables.TryGetPropertyValue(name, out var variable))
            {
                return JsonValues.Read(variable);
            }

            return name switch
            {
                "messages" => messages(),
                "tools" => JsonValues.Read(tools),
                "documents" => null,
                "add_generation_prompt" => Boxed.Of(addGenerationPrompt),
                "bos_token" => bosToken,
                "eos_token" => eosToken,
                _ => GlobalFunctions.All.TryGetValue(name, out var function) ? function : Undefined.Variable(name),
            };
        }
    }
}
