namespace Rebound.Text.Patterns;

/// <summary>What a step of a <see cref="PatternProgram"/> does.</summary>
internal enum PatternOperation
{
    /// <summary>Takes one code point of the set.</summary>
    Take,

    /// <summary>Takes from Min to Max code points of the set, greedily.</summary>
    TakeRun,

    /// <summary>The same, giving nothing back.</summary>
    TakeRunPossessively,

    /// <summary>Goes on at Target; if that fails, at Other.</summary>
    Split,

    /// <summary>Goes on at Target.</summary>
    Jump,

    /// <summary>Goes on if Inner matches here (or, Negated, does not), without taking it.</summary>
    Look,

    /// <summary>Takes what Inner matches, giving nothing back.</summary>
    Atomic,

    /// <summary>Goes on if the position fits the anchor.</summary>
    Anchor,

    /// <summary>Has matched.</summary>
    Accept,
}

/// <summary>One step.</summary>
/// <param name="Min">For a run its least length; for a look how many code points to step back first.</param>
internal sealed record PatternStep(
    PatternOperation Operation,
    CodePointSet? Set = null,
    PatternProgram? Inner = null,
    int Min = 0,
    int Max = 0,
    int Target = 0,
    int Other = 0,
    bool Negated = false,
    AnchorKind AnchorKind = default);

/// <summary>A regular expression as steps for the <see cref="PatternMatcher"/>.</summary>
internal sealed class PatternProgram
{
    /// <summary>Nested counted repeats multiply; a program of more steps is refused.</summary>
    private const int MostSteps = 100_000;

    private readonly List<PatternStep> _steps = [];

    private PatternProgram()
    {
    }

    public PatternStep this[int index] => _steps[index];

    public static PatternProgram Compile(PatternNode node)
    {
        var program = new PatternProgram();
        program.Emit(node);
        program.Add(new PatternStep(PatternOperation.Accept));
        return program;
    }

    private void Emit(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Set set:
                Add(new PatternStep(PatternOperation.Take, set.Members));
                break;
            case PatternNode.Sequence sequence:
                foreach (var part in sequence.Parts)
                {
                    Emit(part);
                }

                break;
            case PatternNode.Choice choice:
                EmitChoice(choice.Options);
                break;
            case PatternNode.Repeat { Body: PatternNode.Set set, Kind: not Repetition.Lazy } run:
                var operation = run.Kind == Repetition.Greedy ? PatternOperation.TakeRun : PatternOperation.TakeRunPossessively;
                Add(new PatternStep(operation, set.Members, Min: run.Min, Max: run.Max));
                break;
            case PatternNode.Repeat { Kind: Repetition.Possessive } repeat:
                Emit(new PatternNode.Atomic(repeat with { Kind = Repetition.Greedy }));
                break;
            case PatternNode.Repeat repeat:
                EmitRepeat(repeat);
                break;
            case PatternNode.Atomic atomic:
                Add(new PatternStep(PatternOperation.Atomic, Inner: Compile(atomic.Body)));
                break;
            case PatternNode.Look look:
                Add(new PatternStep(
                    PatternOperation.Look,
                    Inner: Compile(look.Body),
                    Min: look.Behind ? FixedLength(look.Body) : 0,
                    Negated: look.Negated));
                break;
            case PatternNode.Anchor anchor:
                Add(new PatternStep(PatternOperation.Anchor, AnchorKind: anchor.Kind));
                break;
            default:
                throw new InvalidOperationException($"no steps for {node}");
        }
    }

    private void EmitChoice(IReadOnlyList<PatternNode> options)
    {
        var jumps = new List<int>();
        for (var i = 0; i < options.Count; i++)
        {
            if (i == options.Count - 1)
            {
                Emit(options[i]);
                break;
            }

            var split = Add(new PatternStep(PatternOperation.Split));
            Emit(options[i]);
            jumps.Add(Add(new PatternStep(PatternOperation.Jump)));
            _steps[split] = _steps[split] with { Target = split + 1, Other = _steps.Count };
        }

        foreach (var jump in jumps)
        {
            _steps[jump] = _steps[jump] with { Target = _steps.Count };
        }
    }

    private void EmitRepeat(PatternNode.Repeat repeat)
    {
        for (var i = 0; i < repeat.Min; i++)
        {
            Emit(repeat.Body);
        }

        if (repeat.Max == int.MaxValue)
        {
            var loop = EmitOptional(repeat);
            var jump = Add(new PatternStep(PatternOperation.Jump, Target: loop));
            SetExit(loop, repeat.Kind, jump + 1);
            return;
        }

        var splits = new List<int>();
        for (var i = repeat.Min; i < repeat.Max; i++)
        {
            splits.Add(EmitOptional(repeat));
        }

        foreach (var split in splits)
        {
            SetExit(split, repeat.Kind, _steps.Count);
        }
    }

    private int EmitOptional(PatternNode.Repeat repeat)
    {
        var split = Add(new PatternStep(PatternOperation.Split));
        Emit(repeat.Body);
        return split;
    }

    private void SetExit(int split, Repetition kind, int exit) => _steps[split] = kind == Repetition.Lazy
        ? _steps[split] with { Target = exit, Other = split + 1 }
        : _steps[split] with { Target = split + 1, Other = exit };

    private int Add(PatternStep step)
    {
        if (_steps.Count == MostSteps)
        {
            throw new TokenizerException($"A pattern's repetitions multiply to more than {MostSteps} steps.");
        }

        _steps.Add(step);
        return _steps.Count - 1;
    }

    private static int FixedLength(PatternNode node) => node switch
    {
        PatternNode.Set => 1,
        PatternNode.Sequence sequence => sequence.Parts.Sum(FixedLength),
        PatternNode.Choice choice when choice.Options.Select(FixedLength).Distinct().Count() == 1 => FixedLength(choice.Options[0]),
        PatternNode.Repeat repeat when repeat.Min == repeat.Max => repeat.Min * FixedLength(repeat.Body),
        PatternNode.Atomic atomic => FixedLength(atomic.Body),
        PatternNode.Look or PatternNode.Anchor => 0,
        _ => throw new TokenizerException("A pattern looks behind for something of no fixed length, which is not supported."),
    };
}
