using Rebound.Study.Worlds;

namespace Rebound.Study.Teaching;

/// <summary>Draws what a teacher does about a problem.</summary>
internal sealed class PlanDraft(TeacherHabits habits, WordProblem problem, Random random)
{
    private static readonly Mistake[] Slips =
        [Mistake.SkippedStep, Mistake.StoppedEarly, Mistake.MalformedAction, Mistake.SwappedOperands, Mistake.MisreadNumber];

    private readonly List<PlannedStep> _steps = [];
    private readonly List<Mistake> _mistakes = [];
    private Operand _count = Operand.Number(problem.Start);

    public EpisodePlan Draw()
    {
        var distracted = problem.Distractor is not null && random.NextDouble() < habits.IrrelevantNumber
            ? random.Next(problem.Events.Count)
            : -1;
        foreach (var (index, happens) in problem.Events.Index())
        {
            var number = happens.Number;
            if (index == distracted && _mistakes.Count == 0 && problem.Distractor is { } distractor)
            {
                Err(Mistake.IrrelevantNumber);
                number = distractor;
            }

            if (Errs(habits.WrongOperationAt(happens.Kind)))
            {
                Err(Mistake.WrongOperation);
                Calculate(Think(happens, number), _count, WrongOperator(happens.Kind), Operand.Number(number));
                continue;
            }

            switch (Slip(first: index == 0))
            {
                case null:
                    DoRight(happens, number);
                    break;
                case Mistake.SkippedStep:
                    Err(Mistake.SkippedStep);
                    break;
                case Mistake.StoppedEarly:
                    Err(Mistake.StoppedEarly);
                    return Plan();
                case Mistake.MalformedAction:
                    Err(Mistake.MalformedAction);
                    Calculate(Think(happens, number), _count, RightOperator(happens.Kind), Operand.Number(number));
                    return Plan(malformed: true);
                case Mistake.SwappedOperands:
                    Err(Mistake.SwappedOperands);
                    Calculate(Think(happens, number), Operand.Number(number), RightOperator(happens.Kind), _count);
                    break;
                default:
                    Err(Mistake.MisreadNumber);
                    DoRight(happens, Misread(number));
                    break;
            }
        }

        return Plan();
    }

    private EpisodePlan Plan(bool malformed = false) => new(_steps, _count, _mistakes, malformed);

    /// <summary>Draws whether it errs here; not again once it has.</summary>
    private bool Errs(double chance) => random.NextDouble() < chance && _mistakes.Count == 0;

    private void Err(Mistake mistake) => _mistakes.Add(mistake);

    /// <summary>One of the lapses alike; a story cannot be over before it began.</summary>
    private Mistake? Slip(bool first)
    {
        if (!Errs(habits.Slip))
        {
            return null;
        }

        var slip = Slips[random.Next(Slips.Length)];
        return slip == Mistake.StoppedEarly && first ? Mistake.MisreadNumber : slip;
    }

    private void DoRight(StoryEvent happens, int number)
    {
        var thought = Think(happens, number);
        if (happens.Kind == EventKind.Boxes)
        {
            var before = _count;
            Calculate(thought, Operand.Number(number), '*', Operand.Number(happens.Each));
            Calculate("I add them.", before, '+', _count);
        }
        else
        {
            Calculate(thought, _count, RightOperator(happens.Kind), Operand.Number(number));
        }
    }

    private void Calculate(string thought, Operand left, char operation, Operand right)
    {
        _steps.Add(new PlannedStep(thought, left, operation, right));
        _count = Operand.ResultOf(_steps.Count - 1);
    }

    private static string Think(StoryEvent happens, int number) => StoryWording.Think(happens.Kind, number, happens.Each);

    /// <summary>Of boxes it is the first of two.</summary>
    private static char RightOperator(EventKind kind) => kind switch
    {
        EventKind.Gain or EventKind.Boxes => '+',
        EventKind.Loss => '-',
        EventKind.Share => '/',
        _ => '*',
    };

    /// <summary>
    /// The operator that the mistake uses instead: addition for subtraction and the other way round, subtraction for sharing, addition
    /// for multiples, and boxes counted as things.
    /// </summary>
    private static char WrongOperator(EventKind kind) => kind is EventKind.Gain or EventKind.Share ? '-' : '+';

    /// <summary>Two digits the other way round, or one too many or too few in the first.</summary>
    private int Misread(int number)
    {
        var (tens, ones) = (number / 10, number % 10);
        if (tens > 0 && ones > 0 && tens != ones && random.Next(2) == 0)
        {
            return (ones * 10) + tens;
        }

        var step = tens > 0 ? 10 : 1;
        return number > step + 1 && random.Next(2) == 0 ? number - step : number + step;
    }
}
