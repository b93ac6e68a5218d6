using System.Text.Json;
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
            var info = ((IScorer)TaskRegistry.Open((string)row["task"]!).Judge).Score(row["gt"], (string)row["pred"]!).Info;
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

    [Theory]
    [InlineData("15", "1,5", false)]
    [InlineData("34", "3,4", false)]
    [InlineData("123", "12,3", false)]
    [InlineData("1000", "1,00", false)]
    [InlineData("1000", "1,0000", false)]
    [InlineData("1000000", "1,000,000", true)]
    [InlineData("1000000", "1,000,00", false)]
    [InlineData("1234.5", "1,234.50", true)]
    [InlineData("-3", "-$3", true)]
    [InlineData("-3", "$-3", true)]
    [InlineData("-3", "\u22123", true)]
    [InlineData("-3", "\u2212$3.00", true)]
    [InlineData("3", "-$3", false)]
    [InlineData("5", "€5", true)]
    [InlineData("5", "5 €", true)]
    [InlineData("5", "\\$5", true)]
    [InlineData("5", "£ 5.", true)]
    [InlineData("1500", "$1,500.00", true)]
    [InlineData("20%", "0.2", true)]
    [InlineData("0.2", "20 %", true)]
    [InlineData("20", "20%", true)]
    [InlineData("20%", "20\\%", true)]
    [InlineData("20%", "0.2%", false)]
    [InlineData("20%", "2000%", false)]
    [InlineData("5", "\\boxed{5}", true)]
    [InlineData("1/2", "$\\boxed{\\frac{1}{2}}$", true)]
    [InlineData("0.75", "\\dfrac{3}{4}", true)]
    [InlineData("-0.5", "-\\frac{1}{2}", true)]
    [InlineData("2.5", "2 1/2", true)]
    [InlineData("-2.5", "-2 1/2", true)]
    [InlineData("6", "x = 6", true)]
    [InlineData("6", "2*3", true)]
    [InlineData("5", "**5**", true)]
    [InlineData("0.2", "1/5", true)]
    [InlineData("0.0", ".00", true)]
    [InlineData("1.5e3", "1500", true)]
    [InlineData("5", "05", true)]
    [InlineData("0", "00", true)]
    [InlineData("105", "1005", false)]
    [InlineData("5", "USD 5", true)]
    [InlineData("-5", "-USD 5.00", true)]
    [InlineData("5", "5 dollars", true)]
    [InlineData("5", "5 apples", false)]
    [InlineData("so it is\n#### $1,000", "1000", true)]
    [InlineData("1/3", "0.333", false)]
    [InlineData("", "", false)]
    [InlineData("x", "x", false)]
    [InlineData("5", "9**9**9", false)]
    public void Numbers_are_equal_in_every_form_that_people_write(string groundTruth, string prediction, bool right) =>
        Assert.Equal(right, new NumberScorer().Score(groundTruth, prediction).Reward);

    [Theory]
    [InlineData("\"yes\"", "yes", true)]
    [InlineData("\"Yes\"", "YES", true)]
    [InlineData("\"no\"", "no", true)]
    [InlineData("\"no\"", "yes", false)]
    [InlineData("\"true\"", "yes", true)]
    [InlineData("\"False\"", "no", true)]
    [InlineData("true", "yes", true)]
    [InlineData("\"maybe\"", "maybe", false)]
    [InlineData("null", "no", false)]
    public void Yes_and_no_are_right_in_words(string groundTruth, string prediction, bool right) =>
        Assert.Equal(right, new YesNoScorer().Score(JsonNode.Parse(groundTruth), prediction).Reward);

    [Theory]
    [InlineData("answer", """["Barack Obama", "Obama"]""", "the Obama", true)]
    [InlineData("answer", """["Barack Obama", "Obama"]""", "Michelle", false)]
    [InlineData("number", """["15", "20"]""", "20.0", true)]
    [InlineData("math", """["15", 20]""", "20", true)]
    [InlineData("yes-no", """["yes", "no"]""", "no", true)]
    [InlineData("answer", "[]", "x", false)]
    public void Any_answer_of_a_list_is_right(string scorer, string groundTruth, string prediction, bool right) =>
        Assert.Equal(right, Scorers.ByName[scorer].Score(JsonNode.Parse(groundTruth), prediction).Reward);

    [Fact]
    public void The_accepted_answer_that_fits_best_is_the_one_compared_with() => Assert.Equal(
        "white house",
        (string?)Scorers.ByName["answer"].Score(JsonNode.Parse("""["Capitol", "the White House"]"""), "a white barn").Info["gt"]);

    [Fact]
    public void Recorded_answers_in_words_are_scored()
    {
        var rows = File.ReadAllLines(SharedData.Path("cases/agents/scoring/yn.jsonl")).Select(line => JsonNode.Parse(line)!);

        Assert.Equal([true, true, true, true, false], rows.Select(row => new YesNoScorer().Score(row["gt"], (string)row["pred"]!).Reward));
    }

    /// <summary>The rows of the cases that are no right answers; the others are.</summary>
    [Theory]
    [InlineData(
        "rs.jsonl",
        "5 apples|answer is 5|The answer is 5.|1 234|1 million|five|1/3|[5]|5!|| |x|Paris|５|1'234|72 clips, "
            + "altogether|10:30|12.5|10000000000000000|0.10000000000000001|nan|inf|oo|pi|sqrt(2)|9**9**9|1e-400")]
    [InlineData("rs2.jsonl", "1,5|1, 5|3,4|12,3|.3.|0.333|seven|($3)")]
    public void Recorded_numbers_are_right_in_these_forms_and_no_others(string file, string wrong)
    {
        var rows = File.ReadAllLines(SharedData.Path($"cases/agents/scoring/{file}")).Select(line => JsonNode.Parse(line)!);

        var judged = rows.Where(row => !new NumberScorer().Score(row["gt"], (string)row["pred"]!).Reward)
            .Select(row => (string)row["pred"]!);

        Assert.Equal(wrong, string.Join('|', judged.Distinct()));
    }

    [Fact]
    public void Recorded_answers_of_several_kinds_are_scored()
    {
        var rows = File.ReadAllLines(SharedData.Path("cases/agents/scoring/rs4.jsonl")).Select(line => JsonNode.Parse(line)!);

        Assert.Equal(
            [true, true, true, false, false, true],
            rows.Where(row => row["pred"]!.GetValueKind() == JsonValueKind.String).Select(row =>
                Scorers.ByName["answer"].Score(row["gt"], (string)row["pred"]!).Reward));
    }

    [Fact]
    public async Task A_prediction_that_was_never_made_is_wrong() => Assert.True(JsonNode.DeepEquals(
        new JsonObject { ["reward"] = false, ["gt"] = true },
        await Rescoring.InfoAsync(
            new YesNoScorer(), new TaskQuestion(1, "", JsonValue.Create(true)), null, TestContext.Current.CancellationToken)));
}
