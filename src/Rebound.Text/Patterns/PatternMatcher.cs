using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>Runs a <see cref="PatternProgram"/>; keeps its backtracking stack from one match to the next.</summary>
internal struct PatternMatcher
{
    private Choice[]? _choices;
    private int _count;

    /// <summary>The end of the match that begins at <paramref name="start"/>, or −1.</summary>
    public int Match(PatternProgram program, ReadOnlySpan<char> text, int start)
    {
        var bottom = _count;
        var at = start;
        for (var index = 0; ;)
        {
            var step = program[index];
            if (step.Operation == PatternOperation.Accept)
            {
                _count = bottom;
                return at;
            }

            index = Advance(step, text, index, ref at);
            if (index >= 0)
            {
                continue;
            }

            if (_count == bottom)
            {
                return -1;
            }

            index = TakeBack(text, ref at);
        }
    }

    /// <summary>Does one step; returns the next one's index, or −1 if this one fails.</summary>
    private int Advance(PatternStep step, ReadOnlySpan<char> text, int index, ref int at)
    {
        switch (step.Operation)
        {
            case PatternOperation.Take:
                return Take(step.Set!, text, ref at) ? index + 1 : -1;
            case PatternOperation.TakeRun or PatternOperation.TakeRunPossessively:
                return TakeRun(step, text, index, ref at) ? index + 1 : -1;
            case PatternOperation.Split:
                Push(new Choice(step.Other, at, at));
                return step.Target;
            case PatternOperation.Jump:
                return step.Target;
            case PatternOperation.Atomic:
                at = Match(step.Inner!, text, at);
                return at >= 0 ? index + 1 : -1;
            case PatternOperation.Look:
                return Look(step, text, at) != step.Negated ? index + 1 : -1;
            default:
                return Holds(step.AnchorKind, text, at) ? index + 1 : -1;
        }
    }

    private static bool Take(CodePointSet set, ReadOnlySpan<char> text, ref int at)
    {
        if (at >= text.Length || !set.Contains(CodePoints.At(text, at, out var units)))
        {
            return false;
        }

        at += units;
        return true;
    }

    private bool TakeRun(PatternStep step, ReadOnlySpan<char> text, int index, ref int at)
    {
        var taken = 0;
        var least = at;
        while (taken < step.Max && Take(step.Set!, text, ref at))
        {
            if (++taken == step.Min)
            {
                least = at;
            }
        }

        if (taken < step.Min)
        {
            return false;
        }

        if (at > least && step.Operation == PatternOperation.TakeRun)
        {
            Push(new Choice(index + 1, at, least));
        }

        return true;
    }

    private bool Look(PatternStep step, ReadOnlySpan<char> text, int at)
    {
        for (var i = 0; i < step.Min; i++)
        {
            if (at == 0)
            {
                return false;
            }

            at -= UnitsBefore(text, at);
        }

        return Match(step.Inner!, text, at) >= 0;
    }

    /// <summary>Goes back to the latest choice: a run gives one code point back, a split takes its other way.</summary>
    private int TakeBack(ReadOnlySpan<char> text, ref int at)
    {
        var choice = _choices![--_count];
        at = choice.At;
        if (choice.At > choice.Least)
        {
            at -= UnitsBefore(text, at);
            if (at > choice.Least)
            {
                _choices[_count++] = choice with { At = at };
            }
        }

        return choice.Index;
    }

    private static int UnitsBefore(ReadOnlySpan<char> text, int at) => CodePoints.Before(text, at) > char.MaxValue ? 2 : 1;

    private void Push(Choice choice)
    {
        _choices ??= new Choice[16];
        if (_count == _choices.Length)
        {
            Array.Resize(ref _choices, 2 * _count);
        }

        _choices[_count++] = choice;
    }

    private static bool Holds(AnchorKind kind, ReadOnlySpan<char> text, int at) => kind switch
    {
        AnchorKind.TextStart => at == 0,
        AnchorKind.TextEnd => at == text.Length,
        AnchorKind.TextEndOrLastNewline => at == text.Length || (at == text.Length - 1 && text[at] == '\n'),
        AnchorKind.LineStart => at == 0 || (at < text.Length && text[at - 1] == '\n'),
        AnchorKind.LineEnd => at == text.Length || text[at] == '\n',
        _ => (IsWord(text, at - 1) != IsWord(text, at)) == (kind == AnchorKind.WordBoundary),
    };

    private static bool IsWord(ReadOnlySpan<char> text, int at) => at switch
    {
        < 0 => false,
        _ when at >= text.Length => false,
        _ => CodePointSet.Word.Contains(
            char.IsLowSurrogate(text[at]) ? CodePoints.Before(text, at + 1) : CodePoints.At(text, at, out _)),
    };

    /// <summary>A step to go on with when what follows fails.</summary>
    /// <param name="Index">The step.</param>
    /// <param name="At">Where it would go on, one code point less for a run.</param>
    /// <param name="Least">How far back a run may go.</param>
    private readonly record struct Choice(int Index, int At, int Least);
}
