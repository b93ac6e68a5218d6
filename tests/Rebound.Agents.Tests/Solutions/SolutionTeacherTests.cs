using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rebound.Agents.Episodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Solutions;
using Rebound.Agents.Tasks;
using Rebound.Calculation;
using Rebound.Calculation.Simplification;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Tests.Solutions;

public sealed partial class SolutionTeacherTests
{
    private static readonly SolutionTeacher Teacher = new(new MathScorer(), stepLimit: 7, TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_solution_is_an_episode_that_succeeds()
    {
        var played = await Play("Each of 3 boxes holds 4, so 3*4 = <<3*4=12>>12 balls.\nHalf of 12/8 = <<12/8=1.5>>1.5 remain.\n#### 1.5");

        Assert.Null(played.Fault);
        Assert.Equal(
            [
                new Turn("assistant", "Thought: Each of 3 boxes holds 4, so 3*4\nAction: calculate[3*4]", true),
                new Turn("user", "Observation: 12", false),
                new Turn("assistant", "Thought: 12 balls. Half of 12/8\nAction: calculate[12/8]", true),
                new Turn("user", "Observation: 3/2", false),
                new Turn("assistant", "Thought: 1.5 remain.\nAction: finish[1.5]", true),
                new Turn("user", "Observation: Episode finished", false),
            ],
            played.Episode!.Turns);
        Assert.Equal(("solution", true), (played.ToTrajectory().Source, played.ToTrajectory().Outcome.Success));
    }

    [Fact]
    public async Task Any_solution_comes_back_from_its_trajectory()
    {
        var random = new Random(11);
        for (var i = 0; i < 100; i++)
        {
            var (text, expressions, answer) = RandomSolution(random);

            var played = await Play(text);

            Assert.True(played.Fault is null, $"{text}: {played.Detail}");
            var row = new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(played.ToTrajectory());
            var read = TrajectoryFile.ReadRow(JsonSerializer.SerializeToElement(row), "solutions.json", 1);
            var said = read.Turns.Where(turn => turn.Loss).Select(turn => ReferenceActions.Parse(turn.Content)).ToArray();
            Assert.Equal([.. expressions, answer], said.Select(turn => turn.Argument));
            Assert.Equal([.. expressions.Select(Calculator.Calculate)], Observed(read));
            Assert.Equal(Words(text), Words(string.Join(' ', said.Select(turn => turn.Thought.Replace("Thought: ", "")))));
            Assert.True(read.Outcome.Success);
        }
    }

    [Fact]
    public async Task A_value_that_the_calculator_does_not_confirm_is_never_observed_and_is_listed()
    {
        var played = await Play("He eats 3*4 = <<3*4=13>>13 of them, and 1/3 is <<1/3=0.33>>0.33 of it.\n#### 13");

        Assert.Equal(SolutionFault.NotConfirmed, played.Fault);
        Assert.Contains("3*4 is 13, and the calculator says 12", played.Detail);
        Assert.Equal([Agreement.Different, Agreement.Rounded], played.Calculations.Select(calculation => calculation.Agreement));
        var row = new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(played.ToTrajectory());
        Assert.Equal("""[{"expression":"3*4","value":"13","observation":"12"}]""", row[PlayedSolution.Unconfirmed]!.ToJsonString());
        Assert.Equal(["12", "1/3"], Observed(played.ToTrajectory()));
    }

    [Theory]
    [InlineData("No number at the end: <<1+1=2>>2", SolutionFault.Unreadable)]
    [InlineData("It is 2.\n#### 2", SolutionFault.NoCalculation)]
    [InlineData("<<1=1>><<2=2>><<3=3>><<4=4>><<5=5>><<6=6>><<7=7>>\n#### 7", SolutionFault.StepLimit)]
    [InlineData("5% of 8 is <<5% of 8=0.4>>0.4\n#### 0.4", SolutionFault.NotConfirmed)]
    [InlineData("First. Action: guess[3]. So <<1+2=3>>3\n#### 3", SolutionFault.Misread)]
    [InlineData("It is <<max[1]=1>>1\n#### 1", SolutionFault.Misread)]
    public async Task What_makes_no_example_is_named(string text, SolutionFault fault)
    {
        var played = await Play(text);

        Assert.Equal(fault, played.Fault);
        Assert.NotEmpty(played.Detail!);
        var totals = new SolutionTotals();
        totals.Add(played, isWritten: false);
        Assert.Equal((1, 0), ((int)totals.ToJson()["left_out"]![fault.Name()]!["count"]!, totals.Written));
    }

    [Fact]
    public async Task The_most_turns_of_an_agent_are_enough_for_one_calculation_less()
    {
        var steps = string.Concat(Enumerable.Range(1, 6).Select(step => $"<<{step}*2={2 * step}>>{2 * step} "));

        Assert.Null((await Play($"{steps}\n#### 12")).Fault);
        Assert.Equal(SolutionFault.StepLimit, (await Play($"{steps}<<1+1=2>>2\n#### 2")).Fault);
    }

    private static Task<PlayedSolution> Play(string text) =>
        Teacher.PlayAsync(new TaskQuestion(JsonValue.Create(3), "How many?", JsonValue.Create(text)), Cancellation);

    /// <summary>A solution of one to six calculations with what their values are, in lines that end in various ways.</summary>
    private static (string Text, string[] Expressions, string Answer) RandomSolution(Random random)
    {
        string[] words = ["Ann", "has", "12", "red", "pens,", "so", "each", "(of 3)", "gets"];
        string[] ends = [" in all.", " m\n", "", ".\n", " left, and then", "% more\n", "\n\n"];
        var (text, expressions) = ("", new List<string>());
        for (var step = random.Next(1, 7); step > 0; step--)
        {
            var expression = $"{random.Next(1, 400)}{"+-*/"[random.Next(4)]}{random.Next(1, 99)}"
                + (random.Next(3) == 0 ? $"*0.{random.Next(1, 9)}" : "");
            var value = Calculator.Calculate(expression);
            var lead = string.Join(' ', random.GetItems(words, random.Next(1, 6)));
            text += $"{lead} {(random.Next(2) == 0 ? expression : "")} "
                + $"{(random.Next(2) == 0 ? "= " : "=")}{(random.Next(4) == 0 ? "$" : "")}"
                + $"<<{expression}={value}>>{value}{random.GetItems(ends, 1)[0]}";
            expressions.Add(expression);
        }

        var answer = $"{random.Next(9999)}";
        return ($"{text}\n#### {answer}", [.. expressions], answer);
    }

    private static IEnumerable<string> Observed(Trajectory trajectory) =>
        trajectory.Turns.Where(turn => !turn.Loss).SkipLast(1).Select(turn => turn.Content[AgentLoop.Observation.Length..]);

    /// <summary>A text's letters and digits without its annotations and its last line.</summary>
    private static string Words(string text) => string.Concat(NotSaid().Replace(text, "").Where(char.IsLetterOrDigit));

    [GeneratedRegex("<<.*?>>|#### .*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotSaid();
}
