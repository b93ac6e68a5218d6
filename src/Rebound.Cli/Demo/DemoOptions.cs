using System.CommandLine;
using System.Globalization;
using Rebound.Cli.Options;
using Rebound.Study.Comparison;

namespace Rebound.Cli.Demo;

/// <summary>The options of <c>rebound demo</c>; without any it shows what it is meant to show.</summary>
internal sealed class DemoOptions
{
    private static readonly StudySettings Usual = new();

    public readonly Option<string> OutputFolder = new("--output-dir")
    {
        Description = "The folder for everything that is made; a demo that is there already goes on",
        HelpName = "DIR",
        DefaultValueFactory = _ => "rebound-demo",
    };

    private readonly Option<int> _attempts = OptionOf.Number("--attempts", "Questions that the teacher tries", Usual.Attempts);

    private readonly Option<int> _successes = OptionOf.Number("--successes", "Successes that every student learns from", Usual.Successes);

    private readonly Option<string> _failures = new("--failures")
    {
        Description = "How many failures students of nut and nat learn from; several counts, parted by commas, are compared",
        HelpName = "LIST",
        DefaultValueFactory = _ => string.Join(',', Usual.Failures),
    };

    private readonly Option<int> _mostEvents = OptionOf.Number("--most-events", "Events of the longest stories", Usual.MostEvents);

    private readonly Option<int> _questions = OptionOf.Number("--questions", "Questions of the exam", Usual.ExamQuestions);

    private readonly Option<int> _seeds = OptionOf.Number("--seeds", "Students of each kind", Usual.Seeds);

    private readonly Option<int> _steps = OptionOf.Number("--steps", "Optimizer steps of every student", Usual.Recipe.Steps);

    private readonly Option<double> _learningRate = OptionOf.Number("--learning-rate", "Of every student", Usual.Recipe.LearningRate);

    private readonly Option<double> _lapses = OptionOf.Number("--lapses", "How often the teacher slips at a step", Usual.Habits.Slip);

    private readonly Option<double> _misconception = OptionOf.Number(
        "--misconception", "How often the teacher misunderstands shares and multiples", Usual.Habits.Misconception);

    private readonly Option<int> _seed = OptionOf.Number("--seed", "Of the world and the teacher's mistakes", Usual.Seed);

    private readonly Option<string> _split = new("--split")
    {
        Description = "What students are examined on: test, or validation to look for other settings",
        HelpName = "NAME",
        DefaultValueFactory = _ => Usual.Split,
    };

    public DemoOptions() => _split.AcceptOnlyFromAmong(WorldSplits.Test, WorldSplits.Validation);

    public IEnumerable<Option> All =>
        [OutputFolder, _attempts, _successes, _failures, _mostEvents, _questions, _seeds, _steps, _learningRate, _lapses,
            _misconception, _seed, _split];

    public StudySettings Read(CommandContext context)
    {
        var checks = new OptionChecks(context);
        var settings = Usual with
        {
            Seed = context.Require(_seed),
            Attempts = checks.AtLeast(_attempts, 20),
            Successes = checks.AtLeast(_successes, 1),
            Failures = ReadFailures(context, checks),
            MostEvents = checks.AtLeast(_mostEvents, 2),
            ExamQuestions = checks.AtLeast(_questions, 1),
            Seeds = checks.AtLeast(_seeds, 1),
            Split = context.Require(_split),
            Habits = Usual.Habits with { Slip = checks.InRange(_lapses, 0, 1), Misconception = checks.InRange(_misconception, 0, 1) },
            Recipe = Usual.Recipe with
            {
                Steps = checks.AtLeast(_steps, 1),
                LearningRate = checks.InRange(_learningRate, double.Epsilon, double.MaxValue),
            },
        };
        checks.WritableFolder(OutputFolder, context.Require(OutputFolder));
        checks.ThrowIfAny();
        return settings;
    }

    private int[] ReadFailures(CommandContext context, OptionChecks checks)
    {
        var counts = new List<int>();
        foreach (var text in context.Require(_failures).Split(',', StringSplitOptions.TrimEntries))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
            {
                counts.Add(count);
            }
            else
            {
                checks.Add($"{context.Label(_failures)} has '{text}'; it takes whole numbers above 0.");
            }
        }

        return [.. counts.Distinct().Order()];
    }
}
