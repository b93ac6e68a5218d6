namespace Rebound.Text.Patterns;

/// <summary>Makes a <see cref="PatternProgram"/> of a parsed pattern.</summary>
internal sealed class PatternCompiler
{
    /// <summary>Nested counted repeats multiply; a pattern of more steps is refused.</summary>
    private const int MostSteps = 100_000;

    private readonly List<PatternStep> _steps = [];
    private readonly Totals _totals;

    private PatternCompiler(Totals totals) => _totals = totals;

    /// <exception cref="TokenizerException">Its repetitions multiply beyond measure, or it looks behind for any length.</exception>
    public static PatternProgram Compile(PatternNode node) => Compile(node, isLook: false, new Totals());

    private static PatternProgram Compile(PatternNode node, bool isLook, Totals totals)
    {
        var number = totals.Programs++;
        var compiler = new PatternCompiler(totals);
        compiler.Emit(node);
        compiler.Add(new PatternStep(PatternOperation.Accept));
        return new PatternProgram([.. compiler._steps], number, isLook);
    }

    private void Emit(PatternNode node)
    {
        Count();
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
                Add(new PatternStep(PatternOperation.Atomic, Inner: Compile(atomic.Body, isLook: false, _totals)));
                break;
            case PatternNode.Look look:
                Add(new PatternStep(
                    PatternOperation.Look,
                    Inner: Compile(look.Body, isLook: true, _totals),
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
        Count();
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private void Count()
    {
        if (++_totals.Steps > MostSteps)
        {
            throw new TokenizerException($"A pattern's repetitions multiply to more than {MostSteps} steps.");
        }
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

    /// <summary>Counts over all programs of a pattern.</summary>
    private sealed class Totals
    {
        public int Programs { get; set; }

        public int Steps { get; set; }
    }
}
