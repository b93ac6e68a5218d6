using Rebound.Agents.Episodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tools;
using Rebound.Study.Teaching;
using Rebound.Study.Worlds;

namespace Rebound.Study.Tests;

public sealed class TeacherTests
{
    private static readonly TeacherHabits Faultless = new(Misconception: 0, WrongOperation: 0, Slip: 0, IrrelevantNumber: 0);

    private static readonly IReadOnlyList<WordProblem> Problems = new WordProblemWorld(seed: 8, mostEvents: 3).Take("train", 250);

    [Fact]
    public async Task A_teacher_without_faults_is_always_right()
    {
        foreach (var problem in Problems)
        {
            Assert.Null((await TryAsync(Faultless, problem)).Cause);
        }
    }

    [Fact]
    public async Task A_misconception_is_about_shares_and_multiples_alone()
    {
        foreach (var problem in Problems)
        {
            var episode = await TryAsync(Faultless with { Misconception = 1 }, problem);
            var misunderstood = problem.Events.Any(happens => happens.Kind is EventKind.Share or EventKind.Multiple);

            // By chance the wrong operation gives the right number: 2 times 2, or 4 shared by 2 and 4 less 2.
            Assert.True(misunderstood || episode.Cause is null, problem.Text);
            Assert.True(!misunderstood || episode.Cause is not null || LuckyAnswer(problem), problem.Text);
        }

        static bool LuckyAnswer(WordProblem problem) => problem.Events.Any(happens => happens.Number == 2);
    }

    [Fact]
    public void A_failure_is_a_near_miss()
    {
        var teacher = new ErringTeacher(new TeacherHabits(0.5, 0.5, 0.5, 0.5));

        var mistakes = Problems.Select((problem, index) => teacher.MistakesAt(problem, seed: index)).ToArray();

        Assert.All(mistakes, made => Assert.True(made.Count <= 1));
        Assert.Equal(Enum.GetValues<Mistake>(), mistakes.SelectMany(made => made).Distinct().Order());
    }

    [Fact]
    public async Task A_malformed_action_fails_with_its_own_cause_and_the_turn_is_kept()
    {
        var habits = Faultless with { Slip = 1 };
        var seed = Enumerable.Range(0, 100).First(seed =>
            new ErringTeacher(habits).MistakesAt(Problems[0], seed) is [Mistake.MalformedAction]);

        var episode = await TryAsync(habits, Problems[0], seed);

        Assert.Equal(FailureCause.MalformedAction, episode.Cause);
        Assert.StartsWith("Thought: ", episode.Turns[^1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_teacher_does_follows_from_problem_and_seed()
    {
        var habits = new TeacherHabits(0.5, 0.2, 0.3, 0.3);

        var once = await TextsAsync(3);

        Assert.Equal(once, await TextsAsync(3));
        Assert.NotEqual(once, await TextsAsync(4));

        async Task<string[]> TextsAsync(long seed)
        {
            var texts = new List<string>();
            foreach (var problem in Problems.Take(40))
            {
                texts.AddRange((await TryAsync(habits, problem, seed)).Turns.Select(turn => turn.Content));
            }

            return [.. texts];
        }
    }

    private static Task<Episode> TryAsync(TeacherHabits habits, WordProblem problem, long seed = 0) => new EpisodeRunner(
        new ErringTeacher(habits).Try(problem, seed), new ToolSet(new CalculateTool()), new MathScorer(),
        new EpisodeOptions { StepLimit = 9 }, TimeProvider.System)
        .RunAsync(problem.Question, []);
}
