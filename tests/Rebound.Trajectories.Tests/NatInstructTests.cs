using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

public sealed class NatInstructTests
{
    private const string Good = """{"id": 7, "conversations": [{"role": "assistant", "content": "Action: finish[2]", "loss": true}, """
        + """{"role": "user", "content": "Observation: done", "loss": false}], "info": {"reward": true, "f1": 0.5, "gt": 2, "pred": "2"},"""
        + """ "source": "0.7"}""";

    [Theory]
    [InlineData("[\n" + Good + ",\n" + Good + "\n]")]
    [InlineData(Good + "\n" + Good)]
    [InlineData("\uFEFF \r\n" + Good + "\r\n\r\n" + Good + "\r\n")]
    public async Task Lists_and_lines_give_the_same_trajectories(string text)
    {
        using var file = new TemporaryFile(text);
        var rows = await ReadAsync(file.Path);
        Assert.Equal([1, 2], rows.Select(row => row.Row));
        Assert.All(rows, row =>
        {
            Assert.Equal("7", row.Id);
            Assert.Equal("0.7", row.Source);
            Assert.Equal([new Turn("assistant", "Action: finish[2]", true), new Turn("user", "Observation: done", false)], row.Turns);
            Assert.Equal((1.0, 0.5, true), (row.Outcome.Reward!.Value, row.Outcome.F1!.Value, row.Outcome.Success!.Value));
            Assert.Equal("2", row.Outcome.Prediction!.Value.GetString());
            Assert.Equal(2, row.Outcome.GroundTruth!.Value.GetInt32());
        });
        Assert.Equal(2, await TrajectoryFile.CountAsync(file.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Turns_without_a_loss_flag_are_learned_when_the_assistant_says_them()
    {
        using var file = new TemporaryFile(
            """[{"id": "a", "conversations": [{"role": "human", "content": "q"}, {"role": "gpt", "content": "a"}]}]""");
        var trajectory = Assert.Single(await ReadAsync(file.Path));
        Assert.Equal([new Turn("user", "q", false), new Turn("assistant", "a", true)], trajectory.Turns);
        Assert.Null(trajectory.Outcome.Success);
    }

    [Theory]
    [InlineData("""{"id": true, "conversations": []}""", "id", "string or a number")]
    [InlineData("""{"id": 1}""", "conversations", "missing")]
    [InlineData("""{"id": 1, "conversations": {}}""", "conversations", "list of turns")]
    [InlineData("""{"id": 1, "conversations": ["hi"]}""", "conversations[0]", "an object")]
    [InlineData("""{"id": 1, "conversations": [{"role": "user", "content": "x"}, {"role": "assistant"}]}""",
        "conversations[1].content", "missing")]
    [InlineData("""{"id": 1, "conversations": [{"role": "robot", "content": "x"}]}""", "conversations[0].role", "'robot'")]
    [InlineData("""{"id": 1, "conversations": [{"role": "user", "content": 3}]}""", "conversations[0].content", "the number 3")]
    [InlineData(
        """{"id": 1, "conversations": [{"role": "user", "content": "x", "loss": "yes"}]}""", "conversations[0].loss", "true, false")]
    [InlineData("""{"id": 1, "conversations": [{"role": "user", "content": "x", "loss": 0.5}]}""", "conversations[0].loss", "0.5")]
    [InlineData("""{"id": 1, "conversations": [], "info": 3}""", "info", "an object")]
    [InlineData("""{"id": 1, "conversations": [], "info": {"reward": "yes"}}""", "info.reward", "number")]
    [InlineData("[1]", null, "an object")]
    public async Task A_bad_row_names_file_row_and_field(string row, string? field, string words)
    {
        using var file = new TemporaryFile($"{Good}\n{row}\n{Good}", ".jsonl");
        var error = await Assert.ThrowsAsync<DataException>(() => ReadAsync(file.Path));
        Assert.Equal((file.Path, (int?)2, field), (error.File, error.Row, error.Field));
        Assert.Contains(words, error.Message);

        var bad = new List<DataException>();
        var good = await ReadAsync(file.Path, bad.Add);
        Assert.Equal([1, 3], good.Select(trajectory => trajectory.Row));
        Assert.Equal(2, Assert.Single(bad).Row);
    }

    [Theory]
    [InlineData(Good + "\n{\"id\": ", 2)]
    [InlineData("[" + Good + ",\n\nnothing]", 3)]
    [InlineData("hello", 1)]
    [InlineData("[" + Good, 1)]
    public async Task What_is_not_JSON_is_an_error_at_its_line(string text, int line)
    {
        using var file = new TemporaryFile(text);
        var error = await Assert.ThrowsAsync<DataException>(() => ReadAsync(file.Path));
        Assert.Contains($"line {line} is not valid JSON", error.Message);
    }

    [Fact]
    public async Task A_file_without_rows_is_an_error_unless_it_is_an_empty_list()
    {
        using var nothing = new TemporaryFile("\n");
        using var list = new TemporaryFile("[ ]\n");
        Assert.Contains("no rows", (await Assert.ThrowsAsync<DataException>(() => ReadAsync(nothing.Path))).Message);
        Assert.Empty(await ReadAsync(list.Path));
    }

    [Fact]
    public async Task An_absent_file_is_an_error_that_names_it() =>
        Assert.Contains("nowhere.json", (await Assert.ThrowsAsync<DataException>(() => ReadAsync("nowhere.json"))).Message);

    [Fact]
    public async Task Reading_holds_one_row_at_a_time()
    {
        const int rows = 2_000;
        var filler = new string('x', 20_000);
        using var file = new TemporaryFile("[" + string.Join(",\n", Enumerable.Range(0, rows).Select(i =>
            $$"""{"id": {{i}}, "conversations": [{"role": "assistant", "content": "{{filler}}"}]}""")) + "]");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        await foreach (var trajectory in TrajectoryFile.ReadAsync(file.Path, cancellation: TestContext.Current.CancellationToken))
        {
            if (trajectory.Row % 200 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.InRange(most, 0, new FileInfo(file.Path).Length / 10);
    }

    private static async Task<List<Trajectory>> ReadAsync(string path, Action<DataException>? onBadRow = null)
    {
        var rows = new List<Trajectory>();
        await foreach (var trajectory in TrajectoryFile.ReadAsync(path, null, onBadRow, TestContext.Current.CancellationToken))
        {
            rows.Add(trajectory);
        }

        return rows;
    }
}
