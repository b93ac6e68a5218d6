using System.Text.Json.Nodes;
using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Tests;

public sealed class DatasetTests
{
    private const string Prompts = """{"aware": {"conversations": [], "correct_question_prompt": "right {question}","""
        + """ "incorrect_question_prompt": "wrong {question}"}}""";

    [Fact]
    public async Task Positives_come_first_then_negatives_in_the_order_in_which_they_were_sampled()
    {
        var data = await LoadAsync(Rows(6, true), Rows(10, false), options => options with { PositiveCount = 4, NegativeCount = 3 });
        // CPython: random.seed(42); random.sample(range(10), 3) is [1, 0, 4].
        Assert.Equal(["0", "1", "2", "3", "1", "0", "4"], data.Documents.Select(document => document.Id));
        Assert.Equal(
            ["correct", "correct", "correct", "correct", "incorrect", "incorrect", "incorrect"],
            data.Documents.Select(document => document.Condition));
        Assert.Equal(
            [("positive", "correct", 4), ("negative", "incorrect", 3)],
            data.Counts.Select(count => (count.Outcome, count.Condition, count.Trajectories)));
        Assert.Equal(data.Documents.Sum(document => document.Tokens.Length), data.Counts.Sum(count => count.Tokens));
        Assert.Equal(data.Documents.Sum(document => document.SupervisedTokens), data.Counts.Sum(count => count.SupervisedTokens));
    }

    /// <summary>Rows that carry their outcome give what two files of an outcome each give, in whatever order they stand.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData(4, 3)]
    public async Task Rows_that_carry_their_outcome_are_selected_and_ordered_as_two_files_are(int? positives, int? negatives)
    {
        DatasetOptions Choose(DatasetOptions options) => options with { PositiveCount = positives, NegativeCount = negatives };
        var apart = await LoadAsync(Rows(6, true), Rows(10, false), Choose);
        var mixed = Rows(6, true).Split('\n').Zip(Rows(6, false).Split('\n')).SelectMany(pair => new[] { pair.Second, pair.First });
        using var first = new TemporaryFile(string.Join('\n', mixed));
        using var second = new TemporaryFile(string.Join('\n', Rows(10, false).Split('\n').Skip(6)));
        var together = await LoadAsync(
            "", "", options => Choose(options) with { PositivePath = null, NegativePath = null, ScoredPaths = [first.Path, second.Path] });
        Assert.Equal(apart.Documents.Select(Describe), together.Documents.Select(Describe));
        Assert.Equal(apart.Counts, together.Counts);
    }

    [Fact]
    public async Task Rows_without_an_outcome_come_last_and_need_a_prompt_without_conditions()
    {
        const string Turns = """[{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]""";
        using var file = new TemporaryFile(
            $$"""[{"id": 0, "conversations": {{Turns}}}, {"id": 1, "conversations": {{Turns}}, "label": "success"}, {"id": 2,"""
                + $$""" "conversations": {{Turns}}, "reward": -1}]""");
        DatasetOptions Alone(DatasetOptions options) =>
            options with { PositivePath = null, NegativePath = null, ScoredPaths = [file.Path] };
        var data = await LoadAsync("", "", options => Alone(options) with { PromptPath = null, QuestionPath = null, Template = null });
        Assert.Equal(
            [("1", "positive"), ("2", "negative"), ("0", "unscored")], data.Documents.Select(document => (document.Id, document.Outcome)));
        var error = await Assert.ThrowsAsync<DataException>(() => LoadAsync("", "", Alone));
        Assert.Equal((1, "info.reward"), (error.Row!.Value, error.Field));
    }

    private static (string Id, string Outcome, string Condition, int Tokens) Describe(TokenizedDocument document) =>
        (document.Id, document.Outcome, document.Condition, document.Tokens.Length);

    [Fact]
    public async Task Without_numbers_all_rows_are_used_in_the_order_of_the_files()
    {
        var data = await LoadAsync(Rows(3, true), Rows(3, false), options => options);
        Assert.Equal(["0", "1", "2", "0", "1", "2"], data.Documents.Select(document => document.Id));
    }

    [Fact]
    public async Task Asking_for_more_negatives_than_there_are_says_how_many_there_are()
    {
        var error = await Assert.ThrowsAsync<DataException>(() =>
            LoadAsync(Rows(1, true), Rows(3, false), options => options with { NegativeCount = 4 }));
        Assert.Contains("has 3 trajectories, and 4 negatives", error.Message);
    }

    [Fact]
    public async Task Rows_that_nothing_can_be_learned_from_are_errors_with_their_ids_or_are_skipped_and_counted()
    {
        var negatives = string.Join(
            '\n', Row(0, false, turns: "[{\"role\": \"assistant\", \"content\": \"no\", \"loss\": false}]"), Row(1, false), "{\"id\": 2}",
            Row(99, false), Row(3, false, "[{\"role\": \"user\", \"content\": \"hi\"}]"));
        var error = await Assert.ThrowsAsync<DataException>(() => LoadAsync(Rows(1, true), negatives, options => options));
        foreach (var words in new[]
        {
            "row 1: 'conversations': id 0 has no turn in the loss",
            "row 3: 'conversations': is missing",
            "row 4: 'id': '99' is no question",
            "So it is with row 5.",
        })
        {
            Assert.Contains(words, error.Message);
        }

        var data = await LoadAsync(Rows(1, true), negatives, options => options with { SkipBadRows = true });
        Assert.Equal(["0", "1"], data.Documents.Select(document => document.Id));
        Assert.Equal(4, data.BadRows.Count);
    }

    [Fact]
    public async Task Episodes_that_failed_before_their_first_turn_are_left_out_and_counted()
    {
        var data = await LoadAsync(Rows(1, true), $"{Row(4, false, turns: "[]")}\n{Row(1, false)}", options => options);
        Assert.Equal(["0", "1"], data.Documents.Select(document => document.Id));
        Assert.Equal((1, 0), (data.EmptyTrajectories.Count, data.BadRows.Count));
        Assert.Contains("row 1: 'conversations': id 4", data.EmptyTrajectories.First[0].Message);
    }

    [Fact]
    public async Task Bad_rows_that_were_not_selected_do_not_matter()
    {
        var data = await LoadAsync($"{Rows(2, true)}\n{{\"id\": 5}}", Rows(1, false), options => options with { PositiveCount = 2 });
        Assert.Equal(3, data.Documents.Count);
    }

    [Fact]
    public async Task A_row_whose_turns_in_the_loss_all_lie_beyond_the_length_is_an_error()
    {
        var error = await Assert.ThrowsAsync<DataException>(() =>
            LoadAsync(Rows(1, true), Rows(1, false), options => options, new LengthLimit(20, ExcessLength.Truncate)));
        Assert.Contains("beyond the maximum length of 20", error.Message);
    }

    [Theory]
    [InlineData(20, """[{"role": "assistant", "content": "Action: finish[1]"}]""")]
    [InlineData(4096, """[{"role": "assistant", "content": "Action: finish[1]", "loss": false}]""")]
    public async Task Rows_without_anything_in_the_loss_can_be_looked_at(int length, string turns)
    {
        var limit = new LengthLimit(length, ExcessLength.Truncate);
        var data = await LoadAsync(Row(0, true, turns), Row(0, false, turns), options => options with { KeepUnsupervised = true }, limit);
        Assert.Equal([0, 0], data.Documents.Select(document => document.SupervisedTokens));
        await Assert.ThrowsAsync<DataException>(() => LoadAsync(Row(0, true, turns), Row(0, false, turns), options => options, limit));
    }

    [Fact]
    public async Task Trajectories_without_turns_and_flags_without_loss_are_as_the_llama_2_renderer_is_to_have_them()
    {
        var empty = await LoadAsync(
            Row(0, true, "[]"), Row(0, false), options => options, renderer: RenderingCase.Llama2OnBytes().Renderer);
        Assert.Equal([1, 20], empty.Documents.Select(document => document.SupervisedTokens));
        Assert.Equal(0, empty.EmptyTrajectories.Count);
        var unflagged = """[{"role": "assistant", "content": "x", "loss": false}]""";
        var error = await Assert.ThrowsAsync<DataException>(() =>
            LoadAsync(Row(0, true), Row(0, false, unflagged), options => options, renderer: RenderingCase.Llama2OnBytes().Renderer));
        Assert.Contains("id 0 has no turn in the loss", error.Message);
    }

    [Fact]
    public async Task Documents_over_the_length_are_dropped_without_being_bad_rows()
    {
        var limit = new LengthLimit(20, ExcessLength.Drop);
        var data = await LoadAsync(Rows(1, true), Rows(2, false), options => options, limit);
        Assert.Empty(data.Documents);
        Assert.Equal((3, 0), (limit.Exceeding, data.BadRows.Count));
    }

    [Fact]
    public async Task Trajectories_that_bring_their_question_need_no_prompt_file()
    {
        using var file = new TemporaryFile(Row(0, true, """[{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]"""));
        var data = await Dataset.LoadAsync(
            new DatasetOptions { PositivePath = file.Path }, RenderingCase.Find("bytes").Renderer,
            new LengthLimit(4096, ExcessLength.Error), TestContext.Current.CancellationToken);
        Assert.Equal("none", Assert.Single(data.Documents).Condition);
    }

    [Fact]
    public async Task The_failures_of_StrategyQA_that_have_no_turns_are_found()
    {
        var options = new DatasetOptions
        {
            PositivePath = SharedData.Path("data/strategyqa/positive.json"),
            NegativePath = SharedData.Path("data/strategyqa/negative.json"),
            QuestionPath = SharedData.Path("data/strategyqa/train.jsonl"),
            PromptPath = SharedData.Path("data/prompts/StrategyQA_conversation.json"),
            Template = "zero-shot-target-aware",
        };
        var data = await Dataset.LoadAsync(
            options, RenderingCase.Find("smollm2").Renderer, new LengthLimit(4096, ExcessLength.Error),
            TestContext.Current.CancellationToken);
        Assert.Equal((7, 0), (data.EmptyTrajectories.Count, data.BadRows.Count));
        Assert.Equal([1070, 1256], data.Counts.Select(count => count.Trajectories));
        Assert.Equal([1070, 1256], data.Counts.Select(count => count.Documents));
        Assert.Contains("ec13093ea857962c647f", data.EmptyTrajectories.First[0].Message);
    }

    private static string Rows(int count, bool reward) => string.Join('\n', Enumerable.Range(0, count).Select(id => Row(id, reward)));

    private static string Row(
        int id, bool reward, string turns = """[{"role": "assistant", "content": "Action: finish[1]", "loss": true}]""") =>
        new JsonObject { ["id"] = id, ["conversations"] = JsonNode.Parse(turns), ["info"] = new JsonObject { ["reward"] = reward } }
            .ToJsonString();

    private static async Task<Dataset> LoadAsync(
        string positives, string negatives, Func<DatasetOptions, DatasetOptions> change, LengthLimit? limit = null,
        ConversationRenderer? renderer = null)
    {
        using var positive = new TemporaryFile(positives);
        using var negative = new TemporaryFile(negatives);
        using var prompts = new TemporaryFile(Prompts);
        using var questions = new TemporaryFile(
            string.Join('\n', Enumerable.Range(0, 12).Select(i => $$"""{"question": "What is {{i}}?"}""")));
        var options = new DatasetOptions
        {
            PositivePath = positive.Path,
            NegativePath = negative.Path,
            PromptPath = prompts.Path,
            Template = "aware",
            QuestionPath = questions.Path,
        };
        return await Dataset.LoadAsync(
            change(options), renderer ?? RenderingCase.Find("bytes").Renderer, limit ?? new LengthLimit(4096, ExcessLength.Error),
            TestContext.Current.CancellationToken);
    }
}
