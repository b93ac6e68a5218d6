using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Tests;

/// <summary>What is asked of data as a whole: outcomes, questions, lengths, folders.</summary>
public sealed class DataKindTests
{
    private const string Chat = """{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}],"""
        + """ "verdict": "poor"}""";

    private const string Act = """{"id": 1, "conversations": [{"role": "assistant", "content": "Action: finish[1]"}, {"role": "user","""
        + """ "content": "Observation: done"}]}""";

    [Fact]
    public async Task Without_outcomes_all_are_learned_alike_and_what_looks_like_outcomes_is_named()
    {
        using var file = new TemporaryFile($"{Chat}\n{Chat}", ".jsonl");
        var data = await LoadAsync(new DatasetOptions { ScoredPaths = [file.Path] });
        Assert.Equal((TrainingMethod.Nut, false), (data.PromptSetup.Method, data.HasOutcomes));
        Assert.Empty(data.PromptSetup.Prompt!.Conditions);
        Assert.Equal(["'verdict' (\"poor\")"], data.OutcomeLikes);
        var error = await Assert.ThrowsAsync<DataException>(() =>
            LoadAsync(new DatasetOptions { ScoredPaths = [file.Path], Method = TrainingMethod.Nat }));
        Assert.Contains("tells no outcomes", error.Message);
        Assert.Contains("'verdict'", error.Message);
    }

    [Fact]
    public async Task Trajectories_that_nobody_asks_anything_are_refused_unless_that_is_meant()
    {
        using var file = new TemporaryFile($"{Act}\n{Act}", ".jsonl");
        var error = await Assert.ThrowsAsync<DataException>(() => LoadAsync(new DatasetOptions { PositivePath = file.Path }));
        Assert.Equal(RowFault.WithoutQuestion, error.Fault);
        var meant = await LoadAsync(new DatasetOptions { PositivePath = file.Path, Prompt = PromptSetup.NoPrompt });
        Assert.Equal((2, 2), (meant.Documents.Count, meant.BeginWithAnswers));
        using var greeting = new TemporaryFile(
            """{"messages": [{"role": "assistant", "content": "Hello?"}, {"role": "user", "content": "q"}, {"role": "assistant","""
                + """ "content": "a"}]}""", ".jsonl");
        Assert.Single((await LoadAsync(new DatasetOptions { PositivePath = greeting.Path })).Documents);
    }

    [Fact]
    public async Task Bad_rows_of_a_kind_are_told_once_with_their_places_and_whether_any_row_is_good()
    {
        using var file = new TemporaryFile(string.Join('\n', Enumerable.Repeat(Act, 6)), ".jsonl");
        var error = await Assert.ThrowsAsync<DataException>(() =>
            LoadAsync(new DatasetOptions { PositivePath = file.Path, NegativePath = file.Path }));
        Assert.Equal((RowFault.WithoutQuestion, 0, 12), (error.Fault, error.Rows!.Good, error.Rows.Count));
        Assert.EndsWith("So it is with row 2, row 3, row 4 and 8 rows more.", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>
    /// The template shows earlier turns otherwise once a later one is asked for, so answers stand in documents of their own.
    /// </summary>
    [Theory]
    [InlineData("lt.jsonl", 1, 1)]
    [InlineData("lt3.jsonl", 3, 1)]
    public async Task An_answer_beyond_the_limit_does_not_lose_the_others_documents(string name, int documents, int beyond)
    {
        var file = SharedData.Path($"cases/data/training/{name}");
        foreach (var keep in new[] { false, true })
        {
            var data = await LoadAsync(
                new DatasetOptions { ScoredPaths = [file], KeepUnsupervised = keep, Prompt = PromptSetup.NoPrompt },
                RenderingCase.Find("qwen3").Renderer,
                new LengthLimit(64, ExcessLength.Truncate));
            Assert.Equal((documents, beyond, 0), (data.Documents.Count, data.DocumentsBeyondLimit, data.BadRows.Count));
            Assert.All(data.Documents, document => Assert.True(document.SupervisedTokens > 0));
        }
    }

    [Fact]
    public async Task A_folder_is_its_files_in_the_order_of_their_paths()
    {
        var folder = Directory.CreateTempSubdirectory("rebound-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "b"));
            Directory.CreateDirectory(Path.Combine(folder, ".hidden"));
            foreach (var name in new[] { "c.json", "b/x.JSONL", "a.ndjson", "notes.txt", ".d.json", ".hidden/e.json" })
            {
                await File.WriteAllTextAsync(Path.Combine(folder, name), $"{Chat}\n{{}}\n{Chat}", TestContext.Current.CancellationToken);
            }

            var files = DataFiles.Of(folder);
            Assert.Equal(["a.ndjson", "b/x.JSONL", "c.json"], files.Select(file => Path.GetRelativePath(folder, file)));
            Assert.Equal([files[0]], DataFiles.Of(files[0]));

            // Rows are counted through all files, the bad ones too.
            var data = await LoadAsync(new DatasetOptions { PositivePath = folder, PositiveCount = 6, SkipBadRows = true });
            Assert.Equal(
                [(files[0], 1), (files[0], 3), (files[1], 1), (files[1], 3)],
                data.Documents.Select(document => (document.File, document.Row)));
            Assert.Equal(2, data.BadRows.Count);

            await File.WriteAllTextAsync(Path.Combine(folder, "positive.json"), Chat, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "negative.json"), Chat, TestContext.Current.CancellationToken);
            Assert.Equal(["positive.json", "negative.json"], DataFiles.Of(folder).Select(Path.GetFileName));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_bad_question_is_left_out_where_bad_rows_are()
    {
        using var questions = new TemporaryFile(
            "{\"id\": 1, \"question\": \"q\"}\n{\"id\": 2, \"question\": \"\\ud800\"}\n{\"id\": 3}", ".jsonl");
        using var file = new TemporaryFile($"{Act}\n{Act.Replace("\"id\": 1", "\"id\": 2", StringComparison.Ordinal)}", ".jsonl");
        var options = new DatasetOptions { PositivePath = file.Path, QuestionPath = questions.Path };
        var error = await Assert.ThrowsAsync<DataException>(() => LoadAsync(options));
        Assert.Equal((questions.Path, 2, "question"), (error.File, error.Row, error.Field));
        var data = await LoadAsync(options with { SkipBadRows = true });
        Assert.Equal((1, 3), (data.Documents.Count, data.BadRows.Count));
    }

    [Fact]
    public async Task Questions_and_trajectories_in_each_others_places_are_called_what_they_are()
    {
        using var questions = new TemporaryFile("""{"id": 1, "question": "q"}""", ".jsonl");
        using var file = new TemporaryFile(Act, ".jsonl");
        var error = await Assert.ThrowsAsync<DataException>(() => LoadAsync(new DatasetOptions { PositivePath = questions.Path }));
        Assert.Equal((RowFault.IsQuestion, 0), (error.Fault, error.Rows!.Good));
        Assert.Contains("it is a question", error.Message);
        error = await Assert.ThrowsAsync<DataException>(() =>
            LoadAsync(new DatasetOptions { PositivePath = file.Path, QuestionPath = file.Path }));
        Assert.Contains("the row is a trajectory, and a question was expected", error.Message);
    }

    [Theory]
    [InlineData("""{"name": "f", "args": {"a": 1}, "type": "tool_call"}""")]
    [InlineData("""{"name": "f", "parameters": {"a": 1}}""")]
    [InlineData("""{"type": "function", "function": {"name": "f", "arguments": null, "input": {"a": 1}}}""")]
    public async Task Arguments_of_calls_are_read_under_all_their_names(string call)
    {
        var row = $$"""{"messages": [{"role": "assistant", "content": null, "tool_calls": [{{call}}]}]}""";
        Assert.Equal(new ToolCall(null, "f", """{"a": 1}"""), Assert.Single((await TrajectoryRows.ReadRowAsync(row)).Turns[0].ToolCalls));
    }

    [Theory]
    [InlineData("null", "")]
    [InlineData("""{"result": [5]}""", """{"result": [5]}""")]
    [InlineData("""[{"temp": 21}]""", """[{"temp": 21}]""")]
    [InlineData("""[{"type": "text", "text": "a"}, "b"]""", "ab")]
    [InlineData("21.50", "21.50")]
    [InlineData("false", "false")]
    public async Task What_a_tool_replied_may_be_any_value(string content, string text)
    {
        var row = $$"""{"messages": [{"role": "tool", "content": {{content}}}, {"role": "function"}]}""";
        Assert.Equal([text, ""], (await TrajectoryRows.ReadRowAsync(row)).Turns.Select(turn => turn.Content));
    }

    [Fact]
    public async Task A_row_without_an_id_shares_none_with_another()
    {
        var row = Chat[1..];
        using var file = new TemporaryFile($"{{\"id\": 1, {row}\n{{{row}\n{{\"id\": null, {row}\n{{\"id\": 2, {row}", ".jsonl");
        Assert.Equal(["1", "row 2", "row 3", "2"], (await TrajectoryRows.ReadAsync(file.Path)).Select(trajectory => trajectory.Id));
    }

    /// <summary>A row that cannot be used is left out of a list, too, since it is known where it ends.</summary>
    [Fact]
    public async Task A_row_that_cannot_be_used_is_left_out_of_a_list_too()
    {
        var deep = new string('[', 300) + new string(']', 300);
        using var file = new TemporaryFile($$"""[{{Chat}}, {"messages": [], "x": "\ud800"}, {"messages": {{deep}}}, {{Chat}}]""", ".json");
        var bad = new List<DataException>();
        Assert.Equal([1, 4], (await TrajectoryRows.ReadAsync(file.Path, onBadRow: bad.Add)).Select(trajectory => trajectory.Row));
        Assert.Equal([(2, "x"), (3, null)], bad.Select(error => (error.Row, error.Field)));
        Assert.Contains("nests more than 200 deep", bad[1].Message);
    }

    private static Task<Dataset> LoadAsync(
        DatasetOptions options, ConversationRenderer? renderer = null, LengthLimit? limit = null) => Dataset.LoadAsync(
        options,
        renderer ?? RenderingCase.Find("bytes").Renderer,
        limit ?? new LengthLimit(4096, ExcessLength.Truncate),
        TestContext.Current.CancellationToken);
}
