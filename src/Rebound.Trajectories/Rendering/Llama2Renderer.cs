using System.Text.Json;
using Rebound.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>
/// Renders conversations as the NAT reference does for Llama 2, token for token (Wang et al. 2024, arXiv 2402.11651).
/// Text in the loss and text outside of it are encoded apart, so that an answer's first token carries the space before
/// it whatever precedes; the document begins with BOS and ends with EOS, which is in the loss.
/// <para>
/// Beyond the reference: a system turn may come first, tool turns are rendered as the user's, and turns need not
/// alternate. It has no form for calls of tools beside the text, nor for the schemas of tools: calls are an error, and
/// schemas belong into the prompt's text.
/// </para>
/// </summary>
public sealed class Llama2Renderer : ConversationRenderer
{
    public const string RendererName = "llama-2";

    private readonly Tokenizer _tokenizer;
    private readonly int _endId;

    /// <exception cref="ArgumentException">The tokenizer is not of Llama 2's kind: it lacks
    /// <c>&lt;s&gt;</c> or <c>&lt;/s&gt;</c>.</exception>
    public Llama2Renderer(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _ = IdOf(tokenizer, Llama2Spans.Begin);
        _endId = IdOf(tokenizer, Llama2Spans.End);
    }

    public override string Name => RendererName;

    public override string StopToken => Llama2Spans.End;

    /// <summary>The text of a conversation, cut where the loss begins and ends: what is encoded apart.</summary>
    /// <exception cref="FormatException">A system turn is not the first one.</exception>
    public static IReadOnlyList<LossSpan> Spans(IReadOnlyList<Turn> turns) => Llama2Spans.Of(turns);

    /// <inheritdoc/>
    public override int[] Ask(IReadOnlyList<Turn> turns, JsonElement? tools = null)
    {
        var tokens = new List<int>();
        Encode(Llama2Spans.Before(turns), (ids, _) => tokens.AddRange(ids));
        return [.. tokens];
    }

    /// <inheritdoc/>
    public override int[] Continue(IReadOnlyList<Turn> turns, JsonElement? tools = null)
    {
        var tokens = new List<int>();
        Encode([.. Llama2Spans.Before([.. turns.SkipLast(1)]), Llama2Spans.Begun(turns[^1])], (ids, _) => tokens.AddRange(ids));
        return [.. tokens];
    }

    /// <inheritdoc/>
    public override int[] Close(IReadOnlyList<Turn> turns, JsonElement? tools = null)
    {
        var tokens = new List<int>();
        Encode(Llama2Spans.Of(turns), (ids, _) => tokens.AddRange(ids));
        return [.. tokens];
    }

    private protected override IReadOnlyList<TokenizedDocument> RenderDocuments(Conversation conversation)
    {
        if (conversation.Turns.Any(turn => turn.ToolCalls.Count > 0))
        {
            throw new FormatException(
                $"the {RendererName} renderer has no form for tool_calls; write calls as the turn's text, or render with a chat template.");
        }

        var document = new DocumentBuilder(conversation.Id, conversation.Condition);
        Encode(Llama2Spans.Of(conversation.Turns), document.Add);
        document.Count(new AnswerSources { ByRenderer = conversation.Turns.Count(turn => turn is { Loss: true, Generated: not null }) });
        if (document.LastToken is { } last && last != _endId)
        {
            document.Add([_endId], inLoss: true);
        }

        return [document.Build()];
    }

    private void Encode(IReadOnlyList<LossSpan> spans, Action<ReadOnlySpan<int>, bool> add)
    {
        foreach (var (index, span) in spans.Index())
        {
            add(_tokenizer.Encode(index == 0 ? Llama2Spans.Begin + span.Text : span.Text), span.InLoss);
        }
    }

    private static int IdOf(Tokenizer tokenizer, string token) =>
        tokenizer.AddedTokens.FirstOrDefault(added => added.Content == token)?.Id ?? throw new ArgumentException(
            $"the {RendererName} renderer ends turns with {Llama2Spans.End}, and {token} is no special token of this tokenizer; "
            + "render with the model's own chat template instead.",
            nameof(tokenizer));
}
