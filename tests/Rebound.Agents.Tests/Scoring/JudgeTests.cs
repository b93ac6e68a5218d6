using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Trajectories;

namespace Rebound.Agents.Tests.Scoring;

public sealed class JudgeTests
{
    private static readonly JudgedEpisode Episode = new(
        new TaskQuestion("q", "2 + 2?", 4), "four", [new Turn(Roles.User, "2 + 2?", Loss: false)],
        [new Turn(Roles.Assistant, "Action: finish[four]", Loss: true)]);

    [Theory]
    [InlineData("grep -q '\"ground_truth\":4,\"answer\":\"four\"'", true)]
    [InlineData("grep -q '\"turns\":\\[{\"role\":\"assistant\",\"content\":\"Action: finish'", true)]
    [InlineData("grep -q five", false)]
    [InlineData("sh -c 'yes | head -c 1000000; exit 1'", false)]
    [InlineData("true", true)]
    public async Task A_command_judges_by_its_exit_code(string command, bool right)
    {
        var score = await Judge(command).JudgeAsync(Episode, Cancellation);

        Assert.Equal(right, score.Reward);
        Assert.True(JsonNode.DeepEquals(new JsonObject { ["reward"] = right, ["gt"] = 4, ["pred"] = "four" }, score.Info));
    }

    [Theory]
    [InlineData("sh -c 'echo no model >&2; exit 7'",
        "ended with exit code 7, which is neither 0 for a success nor 1 for a failure. It last wrote:\n  no model")]
    [InlineData("sleep 60", "the judge 'sleep 60' did not end within 1 s.")]
    [InlineData("/no/such/judge", "the judge '/no/such/judge' cannot be started: ")]
    public async Task A_command_that_says_nothing_is_no_verdict(string command, string expected) => Assert.Contains(
        expected, (await Assert.ThrowsAsync<JudgeException>(() => Judge(command).JudgeAsync(Episode, Cancellation))).Message);

    [Fact]
    public async Task A_command_sees_the_variables_that_are_named_and_no_others()
    {
        Environment.SetEnvironmentVariable("REBOUND_TEST_SECRET", "secret");
        var judge = new CommandJudge(
            "sh -c 'test \"$GIVEN$REBOUND_TEST_SECRET\" = given'",
            new Dictionary<string, string> { ["GIVEN"] = "given" }, TimeSpan.FromSeconds(20));

        Assert.True((await judge.JudgeAsync(Episode, Cancellation)).Reward);
    }

    public static TheoryData<EvaluationMetric, bool> Verdicts => new()
    {
        { new BooleanMetric("right", true), true },
        { new BooleanMetric("right", false), false },
        { new NumericMetric("fit", 4) { Interpretation = new EvaluationMetricInterpretation(EvaluationRating.Good, failed: false) }, true },
        { new NumericMetric("fit", 1) { Interpretation = new EvaluationMetricInterpretation(EvaluationRating.Poor, failed: true) }, false },
        {
            new StringMetric("word", "fine") { Interpretation = new EvaluationMetricInterpretation(EvaluationRating.Good, failed: false) },
            true
        },
    };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public async Task An_evaluators_metrics_are_the_verdict(EvaluationMetric metric, bool right)
    {
        var evaluator = new FixedEvaluator(metric);

        Assert.Equal(right, (await new EvaluatorJudge(evaluator).JudgeAsync(Episode, Cancellation)).Reward);
        Assert.Equal(("2 + 2?|Action: finish[four]", "four"), evaluator.Seen);
    }

    [Fact]
    public async Task Every_metric_has_to_hold_and_one_without_a_verdict_is_none()
    {
        var both = new FixedEvaluator(new BooleanMetric("a", true), new BooleanMetric("b", false));
        var open = new NumericMetric("fit", 3);
        open.AddDiagnostics(EvaluationDiagnostic.Error("the model gave no number"));

        Assert.False((await new EvaluatorJudge(both).JudgeAsync(Episode, Cancellation)).Reward);
        Assert.Equal(
            "the metric 'fit' says neither success nor failure. the model gave no number",
            (await Assert.ThrowsAsync<JudgeException>(() =>
                new EvaluatorJudge(new FixedEvaluator(open)).JudgeAsync(Episode, Cancellation))).Message);
        await Assert.ThrowsAsync<JudgeException>(() => new EvaluatorJudge(new FixedEvaluator()).JudgeAsync(Episode, Cancellation));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static CommandJudge Judge(string command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The commands are those of a POSIX system.");
        return new CommandJudge(
            command, new Dictionary<string, string>(),
            TimeSpan.FromSeconds(command.StartsWith("sleep", StringComparison.Ordinal) ? 1 : 20));
    }

    private sealed class FixedEvaluator(params EvaluationMetric[] metrics) : IEvaluator
    {
        public IReadOnlyCollection<string> EvaluationMetricNames => [.. metrics.Select(metric => metric.Name)];

        public (string Messages, string Answer) Seen { get; private set; }

        public ValueTask<EvaluationResult> EvaluateAsync(
            IEnumerable<ChatMessage> messages, ChatResponse modelResponse, ChatConfiguration? chatConfiguration = null,
            IEnumerable<EvaluationContext>? additionalContext = null, CancellationToken cancellationToken = default)
        {
            Seen = (string.Join('|', messages.Select(message => message.Text)), modelResponse.Text);
            return new(new EvaluationResult(metrics));
        }
    }
}
