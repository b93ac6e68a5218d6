using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Jinja;
using Rebound.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>
/// Renders conversations through a model's own chat template to tokens and labels. In the loss are the assistant turns
/// flagged for it with their stop token; headers, other turns and what follows a stop token are not.
/// <para>
/// The tokens before every supervised turn are exactly those of <c>Encode(template(turns before it, generation
/// prompt))</c>, which is what inference feeds. Where a template shows earlier turns differently once a later one is
/// asked for (Qwen3 leaves out their thinking), or a tokenizer merges across a turn's border, one document cannot
/// give that to all turns; the conversation then becomes several documents, each exact.
/// </para>
/// </summary>
public sealed class ChatTemplateRenderer : ConversationRenderer
{
    public const string RendererName = "chat-template";

    /// <summary>Set for every rendering.</summary>
    private static readonly string[] OwnVariables =
        ["messages", "tools", "add_generation_prompt", "bos_token", "eos_token"];

    private readonly ChatTemplate _template;
    private readonly Tokenizer _tokenizer;
    private readonly string _bosToken;
    private readonly string _eosToken;
    private readonly JsonObject? _variables;
    private readonly AnswerSpans _answers;
    private readonly Lazy<int?> _cut;
    private readonly Lazy<bool> _rendersTools;

    /// <param name="bosToken">Text of the token that templates know as <c>bos_token</c>.</param>
    /// <param name="eosToken">Text of the token that templates know as <c>eos_token</c>.</param>
    /// <param name="reasoning">Whether the model is to reason before it answers; null for what the template does by itself.</param>
    /// <exception cref="ArgumentException">The template cannot be told whether to reason.</exception>
    public ChatTemplateRenderer(ChatTemplate template, Tokenizer tokenizer, string bosToken, string eosToken, bool? reasoning = null)
    {
        (Reasoning, _variables) = (reasoning, ReasoningSwitch.For(template, reasoning));
        _template = template;
        _tokenizer = tokenizer;
        _bosToken = bosToken;
        _eosToken = eosToken;
        _answers = new AnswerSpans(RenderText, FirstSpecialToken);
        _cut = new Lazy<int?>(() => GrowingText.CutAfter(tokenizer, StopToken), LazyThreadSafetyMode.PublicationOnly);
        _rendersTools = new Lazy<bool>(ShowsTools, LazyThreadSafetyMode.PublicationOnly);
    }

    private ChatTemplateRenderer(ChatTemplateRenderer renderer, JsonObject variables)
        : this(renderer._template, renderer._tokenizer, renderer._bosToken, renderer._eosToken)
    {
        Reasoning = renderer.Reasoning;
        _variables = renderer._variables?.DeepClone().AsObject() ?? [];
        foreach (var (name, value) in variables)
        {
            _variables[name] = value?.DeepClone();
        }
    }

    public override string Name => RendererName;

    /// <summary>Whether the template takes a variable of this name.</summary>
    public bool Reads(string variable) => _template.Reads(variable);

    /// <summary>The variables by which the template is told whether the model is to reason; null where it takes none.</summary>
    public JsonObject? VariablesFor(bool reasoning) =>
        ReasoningSwitch.CanTell(_template) ? ReasoningSwitch.For(_template, reasoning) : null;

    /// <summary>The same with values for variables that the template may read, such as <c>enable_thinking</c>.</summary>
    /// <exception cref="ArgumentException">A variable is one that the renderer sets itself.</exception>
    public ChatTemplateRenderer With(JsonObject variables) =>
        OwnVariables.FirstOrDefault(variables.ContainsKey) is { } own
            ? throw new ArgumentException($"'{own}' is set by the renderer itself, and takes no value.")
            : new ChatTemplateRenderer(this, variables);

    /// <inheritdoc/>
    public override bool RendersTools => _rendersTools.Value;

    /// <inheritdoc/>
    public override bool? Reasoning { get; }

    public override string StopToken => _answers.Stop;

    /// <inheritdoc/>
    public override int[] Ask(IReadOnlyList<Turn> turns, JsonElement? tools = null) =>
        _tokenizer.Encode(_answers.Before(new TemplateConversation(turns, tools)));

    /// <inheritdoc/>
    public override int[] Continue(IReadOnlyList<Turn> turns, JsonElement? tools = null) =>
        _tokenizer.Encode(_answers.Open(new TemplateConversation(turns, tools), turns[^1].Content));

    /// <inheritdoc/>
    public override int[] Close(IReadOnlyList<Turn> turns, JsonElement? tools = null) =>
        _tokenizer.Encode(RenderText(new TemplateConversation(turns, tools), addGenerationPrompt: false));

    private protected override IReadOnlyList<TokenizedDocument> RenderDocuments(Conversation conversation)
    {
        var documents = new List<TokenizedDocument>();
        var document = new DocumentBuilder(conversation.Id, conversation.Condition);
        var messages = new TemplateConversation(conversation.Tools);
        GrowingText? text = null;
        var (last, isGenerated) = (default(AnswerSpan), false);
        foreach (var turn in conversation.Turns)
        {
            if (!turn.Loss)
            {
                messages.Add(turn);
                continue;
            }

            if (Reasoning == false && turn.Reasons)
            {
                throw new FormatException("a turn in the loss has reasoning, and reasoning is off; leave it on, or leave it to the model.");
            }

            var answer = _answers.Next(messages, turn);
            text ??= new GrowingText(_tokenizer, _cut.Value);
            var prompt = text.Encode(answer.Prompt);
            if (!Continues(document, text, last, isGenerated, prompt))
            {
                documents.Add(document.Build());
                document.Start(prompt);
            }

            var tokens = AnswerTokens.Of(turn, document.Tokens, answer.Text, StopToken, _tokenizer);
            document.AddAnswer(tokens);
            text.GoOnFrom(answer.Prompt + answer.Text);
            (last, isGenerated) = (answer, tokens.AreGenerated);
        }

        if (messages.Messages.Count > 0)
        {
            text ??= new GrowingText(_tokenizer, cut: null);
            Continues(document, text, last, isGenerated, text.Encode(RenderText(messages, false)));
        }

        documents.Add(document.Build());
        return documents;
    }

    /// <summary>
    /// Extends the document to <paramref name="whole"/>, the text so far encoded at once, if that begins with it.
    /// The last answer was encoded by itself, which nearly always gives the same tokens; where it does not, those that
    /// the whole text gives it are tried, unless it is of the tokens that it was generated with.
    /// </summary>
    private static bool Continues(DocumentBuilder document, GrowingText text, AnswerSpan last, bool isGenerated, int[] whole)
    {
        if (document.TryExtend(whole))
        {
            return true;
        }

        return !isGenerated && document.TryReplaceAnswer(text.Encode(last.Prompt + last.Text)) && document.TryExtend(whole);
    }

    /// <summary>Whether a tool on offer is seen in what the template renders.</summary>
    private bool ShowsTools()
    {
        const string Probe = "rebound_probe_tool";
        var tool = JsonSerializer.SerializeToElement(new[]
        {
            new
            {
                type = "function",
                function = new { name = Probe, description = Probe, parameters = new { type = "object", properties = new { } } },
            },
        });
        try
        {
            return RenderText(new TemplateConversation([new Turn(Roles.User, "?", Loss: false)], tool), true)
                .Contains(Probe, StringComparison.Ordinal);
        }
        catch (ChatTemplateException)
        {
            return false;
        }
    }

    private string RenderText(TemplateConversation messages, bool addGenerationPrompt) =>
        _template.Render(messages.Messages, messages.Tools, addGenerationPrompt, _bosToken, _eosToken, _variables);

    private string? FirstSpecialToken(string text) => _tokenizer.AddedTokens
        .Where(token => token.Special || token.Content == _eosToken)
        .Select(token => (token.Content, Index: text.IndexOf(token.Content, StringComparison.Ordinal)))
        .Where(found => found.Index >= 0)
        .OrderBy(found => found.Index)
        .ThenByDescending(found => found.Content.Length)
        .Select(found => found.Content)
        .FirstOrDefault();
}
