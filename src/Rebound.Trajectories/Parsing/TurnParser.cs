using System.Text;
using System.Text.Json;
using Rebound.Text;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Parsing;

/// <summary>
/// Splits a turn into text, reasoning and tool calls while it is generated. Text that could still become a mark is held back; a call
/// comes out when it is complete. Where reasoning ends that nothing opened, the text before it is reasoning: templates open it in the
/// prompt.
/// </summary>
/// <param name="readsCalls">Whether tools are on offer; without them everything that is no reasoning is text.</param>
/// <param name="startsInReasoning">Whether the prompt has opened the reasoning already.</param>
/// <param name="tools">The schemas of the tools on offer, which say what is meant where calls are
/// written without types; null for none.</param>
public sealed class TurnParser(TurnSyntax syntax, bool readsCalls, bool startsInReasoning = false, JsonElement? tools = null)
{
    private enum State
    {
        Text,
        Reasoning,
        Call,

        /// <summary>The whole turn may be JSON, which is seen at its end.</summary>
        Json,
    }

    private readonly TurnMarks[] _marks =
        [.. new[] { syntax.Reasoning, readsCalls ? syntax.Calls : null, readsCalls ? Unopened(syntax) : null }.OfType<TurnMarks>()];

    /// <summary>Marks that the end of a text may cut: those that open a part, and the end of reasoning that nothing opened.</summary>
    private readonly string[] _openings =
        [
            .. new[]
            {
                syntax.Reasoning?.Open,
                syntax.Reasoning?.Close,
                readsCalls ? syntax.Calls?.Open : null,
                readsCalls ? syntax.Unopened : null,
            }.OfType<string>()];

    private readonly StringBuilder _pending = new();
    private State _state = startsInReasoning && syntax.Reasoning is not null ? State.Reasoning : State.Text;
    private bool _hasText;
    private bool _hasCalls;
    private bool _hasReasoning;
    private bool _isBehindMark = startsInReasoning;

    /// <summary>Appends text, and returns the parts that are certain by now.</summary>
    public IReadOnlyList<GeneratedPart> Append(string text)
    {
        _pending.Append(text);
        var parts = new List<GeneratedPart>();
        while (Advance(parts))
        {
        }

        return parts;
    }

    /// <summary>Ends the turn, and returns the text held back.</summary>
    public IReadOnlyList<GeneratedPart> Finish()
    {
        var rest = Take(_pending.Length);
        var parts = new List<GeneratedPart>();
        switch (_state)
        {
            case State.Reasoning:
                Reason(parts, rest.TrimEnd());
                break;
            case State.Call:
                Call(parts, rest, isClosed: syntax.Calls!.Close is null);
                break;
            case State.Json when ToolCallText.TryRead(rest, out var calls):
                parts.AddRange(calls);
                break;
            case State.Json when EndOfReasoning(rest) >= 0:
                _pending.Append(rest);
                _state = State.Text;
                EndReasoning(parts, EndOfReasoning(rest));
                parts.AddRange(Append(""));
                parts.AddRange(Finish());
                break;
            default:
                Say(parts, _hasCalls ? rest.TrimEnd() : rest);
                break;
        }

        return parts;
    }

    /// <summary>Takes one step; false where more of the turn is needed first.</summary>
    private bool Advance(List<GeneratedPart> parts)
    {
        // A turn that goes on to its end is only read there.
        return _state switch
        {
            State.Text => Text(parts, _pending.ToString()),
            State.Reasoning => UpTo(syntax.Reasoning!.Close!, _pending.ToString(), part => Reason(parts, part), streams: true),
            State.Call when syntax.Calls!.Close is { } close =>
                UpTo(close, _pending.ToString(), part => Call(parts, part, isClosed: true), streams: false),
            _ => false,
        };
    }

    private bool Text(List<GeneratedPart> parts, string text)
    {
        if (text.Length == 0)
        {
            return false;
        }

        var (mark, at) = FirstOf(_marks, text);
        if (EndOfReasoning(text) is >= 0 and var end && (at < 0 || end < at))
        {
            EndReasoning(parts, end);
            return true;
        }

        var certain = at >= 0 ? at : text.Length - PartialMatch.LengthAtEnd(text, _openings);
        if (readsCalls && !_hasText && !_hasCalls && MayBeJson(text.AsSpan(0, certain)))
        {
            _state = State.Json;
            return true;
        }

        // White space may belong to a mark that follows.
        var said = text.AsSpan(0, certain).TrimEnd().Length;
        if (said > 0)
        {
            Say(parts, Take(said));
        }

        if (at < 0)
        {
            return false;
        }

        Take(at - said + (mark!.Open == syntax.Unopened ? 0 : mark.Open.Length));
        _isBehindMark = true;
        _state = mark == syntax.Reasoning ? State.Reasoning : State.Call;
        return true;
    }

    /// <summary>Where reasoning ends in a text; −1 for nowhere.</summary>
    private int EndOfReasoning(string text) => syntax.Reasoning is { } marks ? text.IndexOf(marks.Close!, StringComparison.Ordinal) : -1;

    /// <summary>All up to here was reasoning that nothing opened.</summary>
    private void EndReasoning(List<GeneratedPart> parts, int end)
    {
        var before = Take(end).TrimEnd();
        Take(syntax.Reasoning!.Close!.Length);
        if (_hasText || _hasCalls)
        {
            Say(parts, before);
            parts.Add(new ReasoningEndPart());
        }
        else
        {
            Reason(parts, before);
        }

        (_hasText, _hasCalls, _hasReasoning, _isBehindMark) = (false, false, true, true);
    }

    /// <summary>Takes the part up to its closing mark; of one that streams also what is certain before that.</summary>
    private bool UpTo(string close, string text, Action<string> take, bool streams)
    {
        var end = text.IndexOf(close, StringComparison.Ordinal);
        if (end >= 0)
        {
            take(streams ? Take(end).TrimEnd() : Take(end));
            Take(close.Length);
            _state = State.Text;
            return _pending.Length > 0;
        }

        var certain = text.AsSpan(0, text.Length - PartialMatch.LengthAtEnd(text, [close])).TrimEnd().Length;
        if (streams && certain > 0)
        {
            take(Take(certain));
        }

        return false;
    }

    private void Say(List<GeneratedPart> parts, string text)
    {
        // Between a mark and the text behind it stands white space of the template's.
        text = _hasText || !_isBehindMark ? text : text.TrimStart();
        if (text.Length > 0)
        {
            parts.Add(new TextPart(text));
            _hasText = true;
        }
    }

    private void Reason(List<GeneratedPart> parts, string text)
    {
        text = _hasReasoning ? text : text.TrimStart();
        if (text.Length > 0)
        {
            parts.Add(new ReasoningPart(text));
            _hasReasoning = true;
        }
    }

    private void Call(List<GeneratedPart> parts, string text, bool isClosed)
    {
        _hasCalls = true;
        parts.AddRange(ToolCallText.Read(text, isClosed, Schema));
    }

    private JsonElement? Schema(string tool, string argument) => tools is { } schemas
        ? schemas.EnumerateArray().Select(schema =>
            new FunctionSchema(schema)).FirstOrDefault(known => known.Name == tool).Parameter(argument)
        : null;

    /// <summary>The first mark in a text, and where it is; −1 for none.</summary>
    private static (TurnMarks? Mark, int At) FirstOf(IEnumerable<TurnMarks> marks, string text)
    {
        var (first, at) = (default(TurnMarks), -1);
        foreach (var mark in marks)
        {
            if (text.IndexOf(mark.Open, StringComparison.Ordinal) is var found and >= 0 && (at < 0 || found < at))
            {
                (first, at) = (mark, found);
            }
        }

        return (first, at);
    }

    private static TurnMarks? Unopened(TurnSyntax syntax) => syntax is { Unopened: { } begin, Calls: { } calls }
        ? calls with { Open = begin }
        : null;

    private static bool MayBeJson(ReadOnlySpan<char> text) => text.TrimStart() is ['{' or '[' or '`', ..];

    private string Take(int length)
    {
        var taken = _pending.ToString(0, length);
        _pending.Remove(0, length);
        return taken;
    }
}
