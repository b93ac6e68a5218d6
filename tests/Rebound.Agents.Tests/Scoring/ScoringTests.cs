using System.Text.Json.Nodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Testing;

namespace Rebound.Agents.Tests.Scoring;

public sealed class ScoringTests
{
    [Fact]
    public void Every_recorded_prediction_is_scored_as_the_reference_scores_it()
    {
        var rows = File.ReadAllLines(SharedData.Path("golden/nat/metrics.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var info = TaskRegistry.Open((string)row["task"]!).Scorer.Score(row["gt"], (string)row["pred"]!).Info;
            Assert.True(JsonNode.DeepEquals(row["info"], info), $"{info} is not {row["info"]}");
        });
    }

    [Theory]
    [InlineData("it is so\n#### 1,234", "1234", true)]
    [InlineData("#### -5.", "-5.", true)]
    [InlineData("#### $5", "5", false)]
    [InlineData("9", "9", true)]
    public void Maths_is_the_number_after_the_mark(string groundTruth, string prediction, bool right) =>
        Assert.Equal(right, new MathScorer().Score(groundTruth, prediction).Reward);

    [Theory]
    [InlineData("The  A-Team", "ateam", 1)]
    [InlineData("an apple a day", "Apple, day!", 1)]
    [InlineData("yes", "yes indeed", 0)]
    [InlineData("not a no", "no", 0)]
    [InlineData("new new york", "new york york", 2.0 / 3)]
    [InlineData("İstanbul", "i̇stanbul", 1)]
    [InlineData("a\u0301 b", "\u0301 b", 1)]
    [InlineData("the\U0001D41A", "\U0001D41A", 0)]
    [InlineData("the \U0001D41A", "\U0001D41A", 1)]
    [InlineData("the\U0001F600", "\U0001F600", 1)]
    public void Answers_are_compared_by_their_words(string groundTruth, string prediction, double f1) =>
        Assert.Equal(f1, new AnswerScorer().Score(groundTruth, prediction).F1!.Value, 1e-15);

    [Theory]
    [InlineData("#### 1,500", "$1500.0", true)]
    [InlineData("7.5", "15/2", true)]
    [InlineData("8", "eight", false)]
    public void Numbers_are_compared_by_value_where_a_task_wants_it(string groundTruth, string prediction, bool right) =>
        Assert.Equal(right, new NumberScorer().Score(groundTruth, prediction).Reward);

    [Fact]
    public void A_prediction_that_was_never_made_is_wrong() => Assert.True(JsonNode.DeepEquals(
        new JsonObject { ["reward"] = false, ["gt"] = true }, Rescoring.Info(new YesNoScorer(), JsonValue.Create(true), null)));
}
