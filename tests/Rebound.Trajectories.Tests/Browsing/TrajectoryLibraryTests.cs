using Rebound.Files.Rows;
using Rebound.Trajectories.Browsing;
using Rebound.Trajectories.Formats;
using Rebound.Testing;

namespace Rebound.Trajectories.Tests.Browsing;

public sealed class TrajectoryLibraryTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly SteppedTime _time = new();

    private string Log => Path.Combine(Root, "log.jsonl");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Root => _temporary.Path;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Every_row_is_found_again_by_its_place_and_is_what_the_reader_makes_of_it()
    {
        var path = SharedData.Path("data/strategyqa/negative.json");
        using var library = new TrajectoryLibrary([path], null, _time);
        await library.Look();

        var file = Assert.Single(library.Files);
        var entries = file.Index.Entries;
        var read = await TrajectoryFile.ReadAsync(path, cancellation: Cancelled).ToListAsync(Cancelled);
        Assert.Equal(read.Count, entries.Count);
        foreach (var (entry, expected) in entries.Zip(read).Where(pair => pair.First.Row % 97 == 0))
        {
            var trajectory = file.Read(entry);
            Assert.Equal(expected.Turns, trajectory.Turns);
            Assert.Equal(
                (expected.Id, expected.Row, expected.Outcome.Name, expected.Outcome.Cause, expected.Turns.Count),
                (entry.Id, entry.Row, entry.Outcome, entry.Cause, entry.Turns));
        }
    }

    [Fact]
    public async Task A_file_that_grows_is_read_on_and_a_row_that_was_cut_off_is_whole_then()
    {
        File.WriteAllText(Log, Row("a", true) + "\n" + Row("b", false)[..40]);
        using var library = new TrajectoryLibrary([Root], null, _time);
        await LookAsync(library);
        var before = library.Files[0].Index.Entries;
        Assert.Equal(["a", ""], before.Select(entry => entry.Id));
        Assert.Contains("not valid JSON", before[1].Problem, StringComparison.Ordinal);

        File.WriteAllText(Log, Row("a", true) + "\n" + Row("b", false) + "\n[1]\n" + Row("c", null) + "\n");
        await LookAsync(library);

        var after = library.Files[0].Index.Entries;
        Assert.Equal(["a", "b", "", "c"], after.Select(entry => entry.Id));
        Assert.Equal(["positive", "negative", "bad", "unscored"], after.Select(entry => entry.Outcome));
        Assert.Equal([1, 2, 3, 4], after.Select(entry => entry.Row));
        Assert.Equal(["a", ""], before.Select(entry => entry.Id));
        Assert.Equal("c says", library.Files[0].Read(after[3]).Turns[1].Content);
    }

    [Fact]
    public async Task A_file_that_changes_or_goes_is_noticed_and_another_appears()
    {
        File.WriteAllText(Log, Row("a", true) + "\n" + Row("b", true) + "\n");
        using var library = new TrajectoryLibrary([Root], null, _time);
        await LookAsync(library);
        var old = library.Files[0].Index.Entries[1];

        File.WriteAllText(Log, Row("other", true) + "\n" + Row("longer than before", false) + "\n");
        await LookAsync(library);
        Assert.Equal(["other", "longer than before"], library.Files[0].Index.Entries.Select(entry => entry.Id));
        Assert.DoesNotContain(Root, Assert.Throws<DataException>(() =>
            library.Files[0].Read(old with { Start = 1 })).Message, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(Root, "z.json"), $"[{Row("z", true)}]");
        File.Delete(Log);
        await LookAsync(library);
        Assert.Equal([Path.GetFileName(Root) + "/z.json"], library.Files.Select(file => file.Name));
    }

    [Fact]
    public async Task What_links_lead_to_outside_is_not_shown()
    {
        var outside = Directory.CreateTempSubdirectory("rebound-outside-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(outside, "secret.jsonl"), Row("secret", true));
            File.CreateSymbolicLink(Path.Combine(Root, "link.jsonl"), Path.Combine(outside, "secret.jsonl"));
            Directory.CreateSymbolicLink(Path.Combine(Root, "folder"), outside);
            File.WriteAllText(Log, Row("a", true));
            File.CreateSymbolicLink(Path.Combine(Root, "same.jsonl"), Log);
            using var library = new TrajectoryLibrary([Root], null, _time);
            await LookAsync(library);
            Assert.Equal(["log.jsonl", "same.jsonl"], library.Files.Select(file => Path.GetFileName(file.Name)));

            var entry = library.Files[0].Index.Entries[0];
            File.Delete(Log);
            File.CreateSymbolicLink(Log, Path.Combine(outside, "secret.jsonl"));
            Assert.Throws<IOException>(() => library.Files[0].Read(entry));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task A_query_filters_sorts_and_finds_texts_however_they_are_written()
    {
        File.WriteAllLines(Log,
        [
            Row("b", true), Row("a", false, cause: "step limit"), Row("c", false, text: "Caf\\u00e9 \\u003cb\\u003e \\\"x\\\" content"), "{}",
        ]);
        using var library = new TrajectoryLibrary([Root], _ => "trivia", _time);
        await LookAsync(library);

        Assert.Equal(["a", "b", "c"], Find(new TrajectoryQuery { Order = TrajectoryOrder.Id }).Where(id => id.Length > 0));
        Assert.Equal(["a"], Find(new TrajectoryQuery { Cause = "step limit" }));
        Assert.Equal(["c", "a"], Find(new TrajectoryQuery { Outcome = "negative", Descending = true }));
        Assert.Equal(["c"], Find(new TrajectoryQuery { Text = "café <B>" }));
        Assert.Equal(["c"], Find(new TrajectoryQuery { Text = "\"x\"" }));
        Assert.Equal(["c"], Find(new TrajectoryQuery { Text = "CONTENT" }));
        Assert.Empty(Find(new TrajectoryQuery { Text = "conversations" }));
        var matches = new TrajectoryQuery { MinTurns = 1, Task = "trivia" }.Run(library.Files, Cancelled);
        Assert.Equal((3, 4, 2, 1), (matches.Rows.Count, matches.All, matches.Outcomes["negative"], matches.Outcomes["bad"]));

        IEnumerable<string> Find(TrajectoryQuery query) => query.Run(library.Files, Cancelled).Rows.Select(row => row.Entry.Id);
    }

    [Fact]
    public async Task Tries_at_one_question_stand_beside_each_other_up_to_where_they_part()
    {
        File.WriteAllLines(Log, [Row("q", false), Row("q", false, text: "wrong"), Row("q", true, text: "right"), Row("r", true)]);
        using var library = new TrajectoryLibrary([Root], null, _time);
        await LookAsync(library);
        var file = library.Files[0];

        var others = SameQuestion.Of(library.Files, new FoundTrajectory(file, file.Index.Entries[1]));

        Assert.Equal([3, 1], others.Select(other => other.Entry.Row));
        Assert.Equal(1, SameQuestion.FirstDifference(file.Read(file.Index.Entries[1]), file.Read(others[0].Entry)));
        Assert.Null(SameQuestion.FirstDifference(file.Read(others[0].Entry), file.Read(others[0].Entry)));
    }

    [Fact]
    public async Task Of_a_collection_every_episode_is_shown_once_and_files_of_another_kind_are_set_apart()
    {
        var collection = Directory.CreateDirectory(Path.Combine(Root, "collected")).FullName;
        foreach (var name in (string[])["episodes.jsonl", "positive.json", "collection.json", "statistics.json"])
        {
            File.WriteAllText(Path.Combine(collection, name), Row("a", true));
        }

        File.WriteAllText(Path.Combine(Root, "config.json"), "{\"hidden_size\": 5}");
        using var library = new TrajectoryLibrary([Root], null, _time);
        await LookAsync(library);

        Assert.Equal(["config.json", "episodes.jsonl"], library.Files.Select(file => Path.GetFileName(file.Name)));
        Assert.Equal(["a"], new TrajectoryQuery().Run(library.Files, Cancelled).Rows.Select(row => row.Entry.Id));
        Assert.Equal(
            ["bad"], new TrajectoryQuery { File = library.Files[0].Id }.Run(library.Files, Cancelled).Rows.Select(row => row.Entry.Outcome));
    }

    [Theory]
    [InlineData("Thought: It is so.\n\nAction: search[a]", "Thought: It is so.", "Action: search[a]")]
    [InlineData("Thought: So.\nAction: finish[yes]\nObservation: made up", "Thought: So.", "Action: finish[yes]", "Observation: made up")]
    [InlineData("The answer is 5.", "The answer is 5.")]
    public void Parts_of_a_turn_are_told_apart(string text, params string[] parts) =>
        Assert.Equal(parts, TurnParts.Of(new Turn(Roles.Assistant, text, Loss: true)).Select(part => part.Text));

    private async Task LookAsync(TrajectoryLibrary library)
    {
        _time.Passed += TimeSpan.FromSeconds(2);
        await library.Look();
    }

    private static string Row(string id, bool? reward, string? text = null, string? cause = null) =>
        "{\"id\": \"" + id + "\", \"conversations\": [{\"role\": \"user\", \"content\": \"ask\"}, {\"role\": \"assistant\", \"content\": \""
        + (text ?? $"{id} says") + "\"}]" + (reward is { } told ? $", \"reward\": {(told ? 1 : 0)}" : "")
        + (cause is null ? "" : $", \"info\": {{\"cause\": \"{cause}\"}}") + "}";
}
