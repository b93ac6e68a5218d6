using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>
/// Runs <see cref="PatternProgram"/>s over one text: a backtracking machine whose stack is its own, so that no text overflows
/// the thread's. Once it has taken many steps it remembers from which steps and places nothing matches
/// (<see cref="MatchMemory"/>), so that what would backtrack without end takes steps in proportion to the text; what still takes
/// too many is refused.
/// </summary>
/// <param name="pattern">The pattern, for errors.</param>
/// <param name="length">The text's length.</param>
/// <param name="remembersAtOnce">Whether it remembers from the first step on.</param>
internal sealed class PatternMatcher(string pattern, int length, bool remembersAtOnce)
{
    /// <summary>Steps a character that ordinary patterns stay below by far; above it the matcher remembers.</summary>
    private const long UsualSteps = 64;

    /// <summary>Steps a character, above a number that any short text may take, that no pattern gets beyond.</summary>
    private const long MostSteps = 200;

    private const long LeastAllowance = 20_000_000;

    private long _stepsLeft = remembersAtOnce ? 0 : 4096 + (UsualSteps * length);
    private MatchMemory? _memory;
    private Choice[] _choices = [];
    private int _count;

    private int Open => _memory?.Open ?? 0;

    /// <summary>The end of the match that begins at <paramref name="start"/>, or −1.</summary>
    /// <exception cref="TokenizerException">It takes too many steps.</exception>
    public int Match(PatternProgram program, ReadOnlySpan<char> text, int start)
    {
        var steps = program.Steps;
        var (bottom, begun) = (_count, Open);
        var at = start;
        for (var index = 0; ;)
        {
            var step = steps[index];
            if (step.Operation == PatternOperation.Accept)
            {
                _count = bottom;
                _memory?.Succeed(begun, program.IsLook);
                return at;
            }

            CountStep();
            index = step.Operation == PatternOperation.Take
                ? Take(step.Set!, text, ref at) ? index + 1 : -1
                : Advance(program, step, text, index, ref at);
            if (index >= 0)
            {
                continue;
            }

            if (_count == bottom)
            {
                _memory?.Fail(begun);
                return -1;
            }

            index = TakeBack(text, ref at);
        }
    }

    /// <summary>Does one step; returns the next one's index, or −1 if this one fails.</summary>
    private int Advance(PatternProgram program, PatternStep step, ReadOnlySpan<char> text, int index, ref int at)
    {
        if (_memory is not null && step.IsRemembered)
        {
            if (_memory.IsFull)
            {
                RememberOrRefuse();
            }

            switch (_memory.Enter(program, index, at))
            {
                case MatchMemory.Answer.Fails:
                    return -1;
                case MatchMemory.Answer.Succeeds:
                    return program.Steps.Length - 1;
            }
        }

        switch (step.Operation)
        {
            case PatternOperation.TakeRun or PatternOperation.TakeRunPossessively:
                return _memory is not null && step.Max == int.MaxValue
                    ? TakeRememberedRun(_memory, program, step, text, index, ref at)
                    : TakeRun(step, text, index, ref at) ? index + 1 : -1;
            case PatternOperation.Split:
                Push(new Choice(step.Other, at, at, Open, MarksPlaces: false));
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

        _stepsLeft -= taken;
        if (taken < step.Min)
        {
            return false;
        }

        if (at > least && step.Operation == PatternOperation.TakeRun)
        {
            Push(new Choice(index + 1, at, least, Open, MarksPlaces: false));
        }

        return true;
    }

    /// <summary>
    /// Takes a run without a bound, remembering every place that it comes through once it is long enough: a later run that comes
    /// to one of them takes the same rest of it, and fails or succeeds as that one did.
    /// </summary>
    private int TakeRememberedRun(
        MatchMemory memory, PatternProgram program, PatternStep step, ReadOnlySpan<char> text, int index, ref int at)
    {
        for (var taken = 0; taken < step.Min; taken++)
        {
            if (!Take(step.Set!, text, ref at))
            {
                return -1;
            }
        }

        _stepsLeft -= step.Min;
        var gives = step.Operation == PatternOperation.TakeRun;
        var (least, last) = (at, -1);
        do
        {
            CountStep();
            switch (memory.Enter(program, index, at))
            {
                case MatchMemory.Answer.Succeeds:
                    return program.Steps.Length - 1;
                case MatchMemory.Answer.Fails when !gives || last < 0:
                    return -1;
                case MatchMemory.Answer.Fails:
                    at = last;
                    return EndRun();
            }

            last = at;
        }
        while (Take(step.Set!, text, ref at));

        return EndRun();

        int EndRun()
        {
            if (gives && last > least)
            {
                Push(new Choice(index + 1, last, least, memory.Open, MarksPlaces: true));
            }

            return index + 1;
        }
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
        var choice = _choices[--_count];
        at = choice.At;
        if (choice.At > choice.Least)
        {
            at -= UnitsBefore(text, at);
            choice = choice with { At = at, Open = choice.Open - (choice.MarksPlaces ? 1 : 0) };
            if (at > choice.Least)
            {
                _choices[_count++] = choice;
            }
        }

        _memory?.Fail(choice.Open);
        return choice.Index;
    }

    private void CountStep()
    {
        if (--_stepsLeft < 0)
        {
            RememberOrRefuse();
        }
    }

    private void RememberOrRefuse()
    {
        if (_memory is not null)
        {
            throw new TokenizerException(
                $"The pattern {PatternParser.Quoted(pattern)} takes too many steps on a text of {length} characters: it repeats what "
                + "repeats itself. Give the tokenizer a simpler one.");
        }

        _memory = new MatchMemory(length);
        _stepsLeft = LeastAllowance + (MostSteps * length);
    }

    private static int UnitsBefore(ReadOnlySpan<char> text, int at) => CodePoints.Before(text, at) > char.MaxValue ? 2 : 1;

    private void Push(Choice choice)
    {
        if (_count == _choices.Length)
        {
            Array.Resize(ref _choices, Math.Max(16, 2 * _count));
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
    /// <param name="Open">How much the memory held open when this choice was made.</param>
    /// <param name="MarksPlaces">Whether every place of a run was entered into the memory.</param>
    private readonly record struct Choice(int Index, int At, int Least, int Open, bool MarksPlaces);
}
