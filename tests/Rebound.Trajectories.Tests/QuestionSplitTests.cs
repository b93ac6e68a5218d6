using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Tests;

public sealed class QuestionSplitTests
{
    [Theory]
    [InlineData(0.1, 100)]
    [InlineData(0.25, 250)]
    [InlineData(7, 7)]
    [InlineData(0.0001, 1)]
    public void As_many_questions_as_asked_for_with_the_shares_of_their_outcomes(double amount, int questions)
    {
        // 1,000 questions: 600 with a success, 300 with two failures, 100 with both.
        var rows = Enumerable.Range(0, 1000).SelectMany(question => (question % 10) switch
        {
            < 6 => new[] { ($"{question}", "positive") },
            < 9 => [($"{question}", "negative"), ($"{question}", "negative")],
            _ => [($"{question}", "negative"), ($"{question}", "positive")],
        }).ToArray();
        var held = QuestionSplit.HeldOut(rows, new HeldOutAmount(amount), seed: 1);
        Assert.Equal(questions, held.Count);
        int[] kinds = [held.Count(id => id[^1] < '6'), held.Count(id => id[^1] is >= '6' and < '9'), held.Count(id => id[^1] == '9')];
        Assert.All(kinds.Zip([0.6, 0.3, 0.1]), kind => Assert.InRange(kind.First - (kind.Second * questions), -1, 1));
        Assert.Equal(held, QuestionSplit.HeldOut(rows, new HeldOutAmount(amount), seed: 1));
        Assert.NotEqual(held, QuestionSplit.HeldOut(rows, new HeldOutAmount(amount), seed: 2));
    }

    [Fact]
    public async Task Rows_without_an_id_are_told_apart_by_what_is_said_before_the_first_answer()
    {
        const string Asked = """{"role": "user", "content": "q"}""";
        async Task<string> QuestionOf(string row) => (await TrajectoryRows.ReadRowAsync(row)).QuestionKey;
        var one = await QuestionOf($$"""{"messages": [{{Asked}}, {"role": "assistant", "content": "a"}]}""");
        Assert.Equal(one, await QuestionOf($$"""{"messages": [{{Asked}}, {"role": "assistant", "content": "b"}]}"""));
        Assert.NotEqual(one, await QuestionOf($$"""{"messages": [{"role": "system", "content": "s"}, {{Asked}}]}"""));
        Assert.Equal("7", await QuestionOf($$"""{"id": 7, "messages": [{{Asked}}]}"""));
    }
}
