using Rebound.Testing;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

public sealed class CleanerTests
{
    private static readonly Turn Asked = new(Roles.User, "How many?", Loss: false);

    [Theory]
    [InlineData("Thought: easy\nAction: finish[4]", true)]
    [InlineData("Action: Finish[4]\nthat is all", true)]
    [InlineData("Action: search[4]", false)]
    [InlineData("**Action:** search(4)", false)]
    [InlineData("Thought: I could finish[4]. Action: search[4]", false)]
    [InlineData("Action: {\"name\": \"search\", \"arguments\": {}}", false)]
    [InlineData("Action: {\"name\": \"finish\", \"arguments\": {\"answer\": 4}}", true)]
    [InlineData("Action: finish\nAction Input: 4", true)]
    [InlineData("Action: finish[4]\nAction: search[more]", true)]
    [InlineData("Action: search[more]\nObservation: 4\nAction: finish[4]", false)]
    [InlineData("I do not know how to go on.", false)]
    public void An_agent_that_acts_is_finished_when_its_last_action_says_so(string last, bool finished)
    {
        var trajectory = Of(
            Asked, Said("Action: search[x]"), new Turn(Roles.User, "Observation: y", Loss: false), Said(last),
            new Turn(Roles.User, "Observation: Episode finished", Loss: false));
        Assert.Equal(
            finished ? null : "unfinished: it ends without an answer",
            new Cleaner(new CleaningOptions { DropUnfinished = true }).ReasonToDrop(trajectory));
    }

    [Fact]
    public void An_agent_that_calls_tools_is_finished_with_its_answer_or_the_finishing_call()
    {
        var options = new CleaningOptions { DropUnfinished = true, FinishTool = "submit" };
        Turn Calling(string tool) => Said("") with { ToolCalls = [new ToolCall(null, tool, "{}")] };
        var reply = new Turn(Roles.Tool, "ok", Loss: false);
        string? Reason(params Turn[] turns) => new Cleaner(options).ReasonToDrop(Of(turns));
        Assert.Null(Reason(Asked, Calling("search"), reply, Said("Four.")));
        Assert.Null(Reason(Asked, Calling("submit"), reply));
        Assert.NotNull(Reason(Asked, Calling("search"), reply));
        Assert.NotNull(Reason(Asked, Said("Let me think."), Asked));
    }

    [Theory]
    [InlineData("thanks!", true)]
    [InlineData("Great, that is what I needed.", true)]
    [InlineData("And what is 4+4?", false)]
    [InlineData("Observation: 4", false)]
    public void The_user_may_have_the_last_word_if_nothing_more_is_asked(string last, bool finished)
    {
        var trajectory = Of(Asked, Said("It is 3."), new Turn(Roles.User, last, Loss: false));
        Assert.Equal(finished, new Cleaner(new CleaningOptions { DropUnfinished = true }).ReasonToDrop(trajectory) is null);
    }

    [Fact]
    public async Task Every_form_of_a_finishing_action_is_one()
    {
        var cleaner = new Cleaner(new CleaningOptions { DropUnfinished = true, DropEmpty = false, Duplicates = DuplicateRule.Keep });
        var rows = await TrajectoryRows.ReadAsync(SharedData.Path("cases/agents/parsing/finish_forms.jsonl"));
        Assert.Equal(13, rows.Count);
        Assert.All(rows, row => Assert.Null(cleaner.ReasonToDrop(row)));
    }

    [Fact]
    public async Task Logs_of_agents_that_came_to_an_answer_are_kept()
    {
        var cleaner = new Cleaner(new CleaningOptions { DropUnfinished = true });
        var rows = await TrajectoryRows.ReadAsync(SharedData.Path("cases/data/training/fin.jsonl"));
        Assert.Equal([1, 3, 4, 5, 9, 10], rows.Where(row => cleaner.ReasonToDrop(row) is null).Select(row => row.Row));
    }

    [Fact]
    public void Duplicates_are_told_by_what_is_said_and_by_id_where_the_question_stands_elsewhere()
    {
        var exact = new Cleaner(new CleaningOptions());
        Assert.Null(exact.ReasonToDrop(Of("1", Asked, Said("4"))));
        Assert.StartsWith("duplicate", exact.ReasonToDrop(Of("2", Asked, Said("4"))));
        Assert.Null(exact.ReasonToDrop(Of("2", Asked, Said(" 4"))));
        Assert.Null(exact.ReasonToDrop(Of("2", Said("4"))));
        Assert.Null(exact.ReasonToDrop(Of("3", Said("4"))));
        Assert.StartsWith("duplicate", exact.ReasonToDrop(Of("3", Said("4"))));
        Assert.Null(exact.ReasonToDrop(Of("4", Asked, Said("4") with { ToolCalls = [new ToolCall(null, "f", "{}")] })));
        Assert.Equal((5, 2), (exact.Kept, exact.Dropped.Values.Sum()));

        var normalized = new Cleaner(new CleaningOptions { Duplicates = DuplicateRule.Normalized });
        Assert.Null(normalized.ReasonToDrop(Of("1", Asked, Said("Four  apples\n"))));
        Assert.StartsWith("duplicate", normalized.ReasonToDrop(Of("1", Asked, Said("four apples"))));
        Assert.Null(normalized.ReasonToDrop(Of("1", Asked, Said("fourapples"))));

        var all = new Cleaner(new CleaningOptions { Duplicates = DuplicateRule.Keep });
        Assert.All(Enumerable.Repeat(Of(Asked, Said("4")), 3), trajectory => Assert.Null(all.ReasonToDrop(trajectory)));
    }

    [Fact]
    public void The_first_reason_that_holds_is_the_one_that_is_counted()
    {
        var cleaner = new Cleaner(new CleaningOptions
        {
            Causes = ["Timeout"],
            MinTurns = 2,
            MaxTurns = 3,
            MaxTokens = 5,
            CountTokens = trajectory => trajectory.Turns.Sum(turn => turn.Content.Length),
        });
        string?[] reasons =
        [
            cleaner.ReasonToDrop(Of()),
            cleaner.ReasonToDrop(Of(Asked)),
            cleaner.ReasonToDrop(Of(Said("4")) with { Outcome = new Outcome(0, null, Cause: "timeout") }),
            cleaner.ReasonToDrop(Of(Said("4"))),
            cleaner.ReasonToDrop(Of(Said("1"), Said("2"), Said("3"), Said("4"))),
            cleaner.ReasonToDrop(Of(Said("123"), Said("456"))),
            cleaner.ReasonToDrop(Of(Said("12"), Said("345"))),
            cleaner.ReasonToDrop(Of(Said("12"), Said("345"))),
        ];
        Assert.Equal(
            ["empty", "empty", "cause: timeout", "fewer than 2 turns", "more than 3 turns", "more than 5 tokens", null, "duplicate"],
            reasons.Select(reason =>
                reason?.StartsWith("empty", StringComparison.Ordinal) == true
                    ? "empty"
                    : reason?.StartsWith("dup", StringComparison.Ordinal) == true ? "duplicate"
                    : reason));
        Assert.Equal((1, 7), (cleaner.Kept, cleaner.Dropped.Values.Sum()));
        Assert.Throws<ArgumentException>(() => new Cleaner(new CleaningOptions { MaxTokens = 1 }));
    }

    /// <summary>In this data an agent that came to an answer has one in <c>info.pred</c>, which no rule here looks at.</summary>
    [Theory]
    [InlineData("positive", 0)]
    [InlineData("negative", 20)]
    public async Task Real_episodes_are_unfinished_exactly_where_there_is_no_answer(string file, int unfinished)
    {
        var cleaner = new Cleaner(new CleaningOptions { DropUnfinished = true, Duplicates = DuplicateRule.Keep });
        await foreach (var trajectory in TrajectoryFile.ReadAsync(
            SharedData.Path($"data/strategyqa/{file}.json"), cancellation: TestContext.Current.CancellationToken))
        {
            Assert.Equal(trajectory.Outcome.Prediction is null, cleaner.ReasonToDrop(trajectory) is not null);
        }

        Assert.Equal(unfinished, cleaner.Dropped.Values.Sum());
    }

    private static Turn Said(string content) => new(Roles.Assistant, content, Loss: true);

    private static Trajectory Of(params Turn[] turns) => Of("1", turns);

    private static Trajectory Of(string id, params Turn[] turns) => new(id, turns, new Outcome(null, null), null, 1);
}
