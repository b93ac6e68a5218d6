using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Models;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Tests.Collection;

public sealed class CollectorTests : IDisposable
{
    private static readonly JsonObject Description = new() { ["task"] = "test" };

    private readonly string _path = Directory.CreateTempSubdirectory("rebound-collect-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task Every_attempt_is_made_once_and_split_by_its_outcome()
    {
        var result = await Collect(Plan(10), Succeeding(attempt => attempt.Temperature < 0.6f));

        Assert.Equal((30, 20, 0), (result.Totals.Episodes, result.Totals.Successes, result.Left));
        Assert.Equal(10, result.Totals.Causes["wrong answer"]);
        Assert.Equal(20, await Count(PathOf("positive.json")));
        Assert.Equal(10, await Count(PathOf("negative.json")));
        Assert.Equal(30, Keys().Distinct().Count());
        Assert.Equal(
            10,
            (int)JsonNode.Parse(
                await File.ReadAllTextAsync(PathOf("statistics.json"), TestContext.Current.CancellationToken))!["failures"]!);
    }

    [Fact]
    public async Task A_collection_that_was_cut_off_anywhere_goes_on_without_loss_or_double()
    {
        await Collect(Plan(4), Succeeding(_ => true));
        var whole = await File.ReadAllBytesAsync(PathOf("episodes.jsonl"), TestContext.Current.CancellationToken);
        var random = new Random(3);
        for (var i = 0; i < 8; i++)
        {
            await File.WriteAllBytesAsync(
                PathOf("episodes.jsonl"), whole[..random.Next(whole.Length)], TestContext.Current.CancellationToken);
            var kept = Keys().ToHashSet();
            var made = new List<string>();

            await Collect(Plan(4), (attempt, cancellation) =>
            {
                lock (made)
                {
                    made.Add(attempt.Key);
                }

                return Succeeding(_ => true)(attempt, cancellation);
            });

            Assert.Equal(12, Keys().Count);
            Assert.Equal(12, Keys().Distinct().Count());
            Assert.Empty(made.Intersect(kept));
        }
    }

    [Fact]
    public async Task Two_runs_do_not_collect_in_one_folder_at_a_time()
    {
        await Collect(Plan(1), async (attempt, cancellation) =>
        {
            var second = await Assert.ThrowsAsync<FolderInUseException>(() => Collect(Plan(2), Succeeding(_ => true)));
            Assert.Contains("another run may be at work there", second.Message);
            return await Succeeding(_ => true)(attempt, cancellation);
        });

        Assert.Equal(3, Keys().Count);
    }

    [Fact]
    public async Task A_collection_that_is_begun_can_be_read_at_any_moment()
    {
        Folder().Dispose();
        await File.WriteAllTextAsync(PathOf("episodes.jsonl"), "", TestContext.Current.CancellationToken);
        using var begun = new SemaphoreSlim(0);
        using var ended = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(
            () =>
            {
                while (!ended.IsCancellationRequested)
                {
                    using var reader = new FileStream(PathOf("episodes.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                    begun.Release();
                }
            },
            ended.Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await begun.WaitAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 200; i++)
        {
            Folder().Dispose();
        }

        await ended.CancelAsync();
        await reading;
    }

    [Fact]
    public async Task A_bad_server_costs_no_episode()
    {
        await using var server = new LocalServer(async (number, context) => await ((number % 7) switch
        {
            1 => LocalServer.Say(context, 429, "{}"),
            2 => LocalServer.Say(context, 500, "oops"),
            3 => LocalServer.Cut(context, "{\"id\""),
            4 => LocalServer.Say(context, 200, "nonsense", "text/plain"),
            5 => Slowly(context),
            _ => ChatServer.Say(context, "Thought: a\nAction: finish[4]"),
        }));
        using var pool = new EndpointPool(
            [new Endpoint(server.Address, null).CreateClient("m", TimeSpan.FromSeconds(30))], 30,
            TimeSpan.FromMilliseconds(1), TimeProvider.System);

        var result = await Collect(Plan(8), (attempt, cancellation) => new EpisodeRunner(
            pool, new ToolSet(), new MathScorer(), new EpisodeOptions { Temperature = attempt.Temperature }, TimeProvider.System)
            .RunAsync(attempt.Question, [new Turn(Roles.User, "q", false)], cancellation));

        Assert.Equal((24, 24), (result.Totals.Episodes, result.Totals.Successes));
        Assert.Equal(24 * 110, result.Totals.InputTokens + result.Totals.OutputTokens);
        Assert.Equal(24, Keys().Distinct().Count());

        static async Task Slowly(System.Net.HttpListenerContext context)
        {
            await Task.Delay(50);
            await ChatServer.Say(context, "Thought: a\nAction: finish[4]");
        }
    }

    [Fact]
    public async Task Attempts_without_a_model_are_made_again()
    {
        var first = await Collect(Plan(2), Ending(FailureCause.ModelError));
        var second = await Collect(Plan(2), Succeeding(_ => true));

        Assert.Equal((6, 0, 6), (first.Totals.Episodes, first.Totals.Successes, first.Totals.Causes["model error"]));
        Assert.Equal((6, 6, 0), (second.Totals.Episodes, second.Totals.Successes, second.Totals.Causes.Count));
        Assert.Equal(6, await Count(PathOf("positive.json")));
        Assert.Equal("[]", (await File.ReadAllTextAsync(PathOf("negative.json"), TestContext.Current.CancellationToken)).Trim());
    }

    [Fact]
    public async Task A_model_that_never_answers_ends_the_collection()
    {
        var result = await Collect(Plan(100), Ending(FailureCause.ModelError));

        Assert.Contains("20 episodes in a row", result.Stopped);
        Assert.True(result.Left > 200);
    }

    [Fact]
    public async Task Budgets_end_a_collection_that_goes_on_later()
    {
        var result = await Collect(Plan(10), Succeeding(_ => true), new Budget { Tokens = 1_000 }, concurrency: 1);
        var again = await Collect(
            Plan(10), Succeeding(_ => true), new Budget { Money = 0.5m, InputPrice = 100, OutputPrice = 1_000 }, concurrency: 1);

        Assert.Equal((10, "the budget of 1000 tokens is used up"), (result.Totals.Episodes, result.Stopped));
        Assert.Equal((25, "the budget of 0.5 is used up", 5), (again.Totals.Episodes, again.Stopped, again.Left));
    }

    [Fact]
    public async Task What_was_collected_before_an_interruption_is_kept()
    {
        using var interrupt = new CancellationTokenSource();
        using var folder = Folder();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Collector(folder, new Budget(), 2, TimeProvider.System).RunAsync(
            Plan(10),
            Succeeding(_ => true),
            (_, totals) =>
            {
                if (totals.Episodes == 5)
                {
                    interrupt.Cancel();
                }
            },
            interrupt.Token));

        var kept = Keys().Count;
        Assert.InRange(kept, 5, 6);
        Assert.Equal(kept, await Count(PathOf("positive.json")));
    }

    [Fact]
    public async Task Two_collections_are_never_mixed()
    {
        await Collect(Plan(1), Succeeding(_ => true));

        Assert.Contains("'task': is \"test\", and \"other\" was asked for",
            Assert.Throws<DataException>(() => CollectionFolder.Open(_path, new JsonObject { ["task"] = "other" })).Message);
        await File.AppendAllTextAsync(PathOf("episodes.jsonl"), "{\"id\": 1}\n", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<DataException>(() => Collect(Plan(1), Succeeding(_ => true)));
    }

    [Fact]
    public async Task A_folder_without_an_episode_is_taken_by_another_collection()
    {
        CollectionFolder.Open(_path, new JsonObject { ["task"] = "mistyped" }).Dispose();

        Assert.Equal(0, (await Collect(Plan(1), Succeeding(_ => true))).Left);
        Assert.Throws<DataException>(() => CollectionFolder.Open(_path, new JsonObject { ["task"] = "mistyped" }));
    }

    private static IReadOnlyList<Attempt> Plan(int questions) => Attempt.Plan(
        [.. Enumerable.Range(0, questions).Select(i => new TaskQuestion(JsonValue.Create(i), $"q{i}", JsonValue.Create("#### 4")))],
        [0.2f, 0.5f, 0.7f], samples: 1);

    private static Func<Attempt, CancellationToken, Task<Episode>> Succeeding(Func<Attempt, bool> succeeds) =>
        async (attempt, cancellation) =>
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            var right = succeeds(attempt);
            return new Episode(
                attempt.Question,
                [new Turn(Roles.Assistant, $"Action: finish[{(right ? 4 : 5)}]", true), new Turn(Roles.User, AgentLoop.Finished, false)],
                new MathScorer().Score(attempt.Question.GroundTruth, right ? "4" : "5").Info,
                right ? null : FailureCause.WrongAnswer,
                null)
            {
                Temperature = attempt.Temperature,
                InputTokens = 90,
                OutputTokens = 11,
            };
        };

    private static Func<Attempt, CancellationToken, Task<Episode>> Ending(FailureCause cause) =>
        (attempt, _) => Task.FromResult(new Episode(
            attempt.Question, [], new JsonObject { ["reward"] = false, ["gt"] = "4", ["cause"] = cause.Name() }, cause, "no route")
        {
            Temperature = attempt.Temperature,
        });

    private string PathOf(string name) => Path.Combine(_path, name);

    private CollectionFolder Folder() => CollectionFolder.Open(_path, Description);

    private async Task<CollectionResult> Collect(
        IReadOnlyList<Attempt> plan, Func<Attempt, CancellationToken, Task<Episode>> run, Budget? budget = null, int concurrency = 4)
    {
        using var folder = Folder();
        return await new Collector(folder, budget ?? new Budget(), concurrency, TimeProvider.System)
            .RunAsync(plan, run, cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>The attempts whose rows are whole.</summary>
    private List<string> Keys() =>
    [
        .. File.ReadAllText(PathOf("episodes.jsonl")).Split('\n')[..^1].Select(line => JsonNode.Parse(line)!)
            .Select(row => $"{row["id"]}/{row["source"]}/{row["sample"]}"),
    ];

    private static async Task<int> Count(string path) =>
        await TrajectoryFile.ReadAsync(
            path, TrajectoryFormat.NatInstruct, cancellation: TestContext.Current.CancellationToken).CountAsync();
}
