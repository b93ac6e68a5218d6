using System.Text;
using Microsoft.Extensions.AI;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Episodes;

/// <summary>A turn that somebody watches being written.</summary>
internal sealed class StreamedTurn(TurnRequest request, IAgentObserver looking)
{
    private readonly List<AIContent> _others = [];
    private readonly StringBuilder _text = new();

    /// <summary>Text after the end of the turn, which reasoning keeps.</summary>
    private readonly StringBuilder _behind = new();
    private StopStringFilter _filter = Filter(request);

    /// <summary>Whether no more of its text counts, unless it turns out to be reasoning.</summary>
    public bool HasEnded { get; private set; }

    public void Take(AIContent content)
    {
        switch (content)
        {
            case TextReasoningContent reasoning:
                looking.Reasoned(reasoning.Text);
                _others.Add(reasoning);
                break;
            case TextContent text when HasEnded:
                _behind.Append(text.Text);
                break;
            case TextContent text:
                Show(_filter.Append(text.Text));
                HasEnded |= _filter.Stopped;
                _behind.Append(HasEnded ? _filter.Flush() : "");
                break;
            case ReasoningEndContent:
                Show(_filter.Flush());
                looking.WroteReasoning();
                _others.RemoveAll(other => other is FunctionCallContent);
                _others.Add(new TextReasoningContent($"{_text}{_behind}"));
                _text.Clear();
                _behind.Clear();
                (_filter, HasEnded) = (Filter(request), false);
                break;
            case FunctionCallContent or ErrorContent or GeneratedTokensContent:
                _others.Add(content);
                break;
        }
    }

    /// <summary>Ends the turn, and returns its contents.</summary>
    public IEnumerable<AIContent> End()
    {
        Show(_filter.Flush());
        return _others.Prepend(new TextContent(_text.ToString()));
    }

    private static StopStringFilter Filter(TurnRequest request) => new(request.Stop is { } stop ? [stop] : []);

    private void Show(string piece)
    {
        if (HasEnded)
        {
            return;
        }

        var before = _text.Length;
        _text.Append(piece);
        var end = request.End is { } find && piece.AsSpan().IndexOfAny("])\n") >= 0 ? find(_text.ToString()) : null;
        HasEnded = end is not null;
        _behind.Append(_text.ToString(end ?? _text.Length, _text.Length - (end ?? _text.Length)));
        _text.Length -= _behind.Length;
        if (_text.Length > before)
        {
            looking.Wrote(_text.ToString(before, _text.Length - before));
        }
    }
}
