using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Files.Rows;
using Rebound.Study.Improvement;
using Rebound.Study.Reporting;
using Rebound.Trajectories;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Tests.Improvement;

public sealed class AgentImprovementTests(EchoWorld world) : IClassFixture<EchoWorld>, IDisposable
{
    /// <summary>The same bits whatever is in a batch, as a run that goes on has other batches.</summary>
    private readonly CpuBackend _backend = new(2, batchInvariant: true);
    private readonly CpuBackend _another = new(1, batchInvariant: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _backend.Dispose();
        _another.Dispose();
    }

    [Fact]
    public async Task Rounds_are_folders_that_stand_alone_and_a_report()
    {
        var options = world.Options("improved");
        using var improvement = Open(options);
        var results = await improvement.RunAsync(Stop);

        Assert.Equal([0, 1, 2], results.Rounds.Select(round => round.Round));
        var (first, second) = (results.Rounds[1], results.Rounds[2]);
        Assert.Equal(80, first.Collected!.Tries);
        Assert.Equal(("nat", "base", 40), (second.Trained!.Method, second.Trained.From, second.Trained.Steps));
        Assert.True(second.Learned!.Successes >= first.Learned!.Successes);
        Assert.Equal(first.Learned.Successes + first.Learned.Failures + first.Learned.LeftOut, first.Collected.Tries);
        Assert.Equal(10, results.Rounds[0].HeldOut.Right.Count);
        Assert.Equal("round-01/model", second.Collected!.Model);

        var card = AgentCard.Find(improvement.Round(2).ModelPath)!;
        Assert.Equal(world.PathOf("task.yml"), card.Task);
        Assert.Equal(4, (await File.ReadAllLinesAsync(improvement.TablePath, Stop)).Length);
        var json = JsonNode.Parse(await File.ReadAllTextAsync(improvement.ResultsPath, Stop))!;
        Assert.Equal(results.Rounds[2].HeldOut.Accuracy, (double)json["rounds"]![2]!["held_out"]!["accuracy"]!);
        Assert.Empty(Directory.GetDirectories(improvement.Round(2).ModelPath, "checkpoint-*"));

        await ImprovementReport.WriteAsync(improvement, options, results, Stop);
        var report = await File.ReadAllTextAsync(improvement.ReportPath, Stop);
        Assert.Contains("<svg", report, StringComparison.Ordinal);
        Assert.All(
            (string[])["http:", "https:", " src=", "url(", "<script", "<link", "NaN"],
            needle => Assert.DoesNotContain(needle, report, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_improvement_that_is_killed_anywhere_goes_on_to_the_same_rounds_also_on_copies()
    {
        var whole = await RunAsync(world.Options("whole"));

        var (killed, kills) = (new HashSet<string>(StringComparer.Ordinal), 0);
        ImprovementResults? results = null;
        while (results is null)
        {
            try
            {
                results = await RunAsync(world.Options("killed"), new Killer(killed), copies: [_another, _backend]);
            }
            catch (KilledException)
            {
                kills++;
            }
        }

        Assert.Equal(kills, killed.Count);
        Assert.Superset(
            new HashSet<string>(
                from round in (int[])[1, 2] from place in (string[])["collecting", "step", "evaluating"] select $"{place} {round}"),
            killed);
        Assert.Equal(Rounds(whole), Rounds(results));
        foreach (var round in (string[])["round-01", "round-02"])
        {
            Assert.Equal(Model("whole", round), Model("killed", round));
            Assert.Equal(Training("whole", round), Training("killed", round));
        }
    }

    [Fact]
    public async Task An_agent_improves_on_its_own_successes_and_rounds_are_added_later()
    {
        var options = world.Options("onward") with { Rounds = 1, Start = TrainingStart.Current, Successes = RoundScope.Newest };
        options = options with { Training = options.Training with { Data = new DatasetOptions { Method = TrainingMethod.Vanilla } } };
        await RunAsync(options);
        var results = await RunAsync(options with { Rounds = 2 });

        Assert.Equal(["base", "round-01/model"], results.Rounds.Skip(1).Select(round => round.Trained!.From));
        var (tries, learned) = (results.Rounds[2].Collected!, results.Rounds[2].Learned!);
        Assert.Equal((0, tries.Successes), (learned.Failures, learned.Successes + learned.LeftOut));
        Assert.True(
            tries.Successes > results.Rounds[1].Collected!.Successes + 10, "The model does hardly better that learned.");
        var error = await Assert.ThrowsAsync<DataException>(() => RunAsync(options with { Seed = 7 }));
        Assert.Contains("'seed'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TrainingMethod.Kto, RoundScope.All, DuplicateRule.Exact)]
    [InlineData(TrainingMethod.Dpo, RoundScope.All, DuplicateRule.Exact)]
    [InlineData(TrainingMethod.Grpo, RoundScope.Newest, DuplicateRule.Keep)]
    public async Task A_round_learns_by_any_method(TrainingMethod method, RoundScope successes, DuplicateRule duplicates)
    {
        var options = world.Options(method.Name()) with { Rounds = 1, Successes = successes, Duplicates = duplicates };
        var training = options.Training;
        options = options with
        {
            Training = training with
            {
                Data = new DatasetOptions { Method = method },
                Training = training.Training with { MaxSteps = 4, LearningRate = 1e-4 },
            },
        };

        var round = (await RunAsync(options)).Rounds[1];

        Assert.Equal((method.Name(), 4), (round.Trained!.Method, round.Trained.Steps));
        Assert.Equal(duplicates == DuplicateRule.Keep, round.Learned!.LeftOut == 0);
    }

    [Fact]
    public async Task A_budget_ends_it_between_rounds()
    {
        var few = await RunAsync(world.Options("few-tokens") with { Tokens = 1 });
        Assert.Equal((2, "the budget of 1 tokens is used up"), (few.Rounds.Count, few.Stopped));

        var brief = await RunAsync(world.Options("few-tokens") with { Time = TimeSpan.FromSeconds(0.001) });
        Assert.Equal(2, brief.Rounds.Count);
        Assert.StartsWith("another round of ", brief.Stopped, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_right_nothing_is_learned()
    {
        var options = world.Options("hopeless") with { Model = world.PathOf("random"), Temperatures = [1] };

        var error = await Assert.ThrowsAsync<ImprovementException>(() => RunAsync(options));

        Assert.StartsWith("No try of round 1 was right, of 40 in the last one (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_done_is_refused_before_anything_is_made()
    {
        var options = world.Options("refused");
        var agent = world.Agent();

        var both = Assert.Throws<ArgumentException>(() => Open(options, agent with { HeldOut = agent.Questions }));
        Assert.StartsWith("20 of 20 held-out questions are also tried", both.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["Rounds", "Samples"],
            Assert.Throws<OptionsException>(() => Open(options with { Rounds = 0, Samples = 0 }))
                .Problems.Select(problem => problem.Option));
        Assert.False(Directory.Exists(world.PathOf("refused")));

        using (Open(options))
        {
            Assert.Throws<FolderInUseException>(() => Open(options));
        }
    }

    private AgentImprovement Open(
        ImprovementOptions options, ImprovedAgent? agent = null, IImprovementObserver? observer = null, Backend[]? copies = null)
    {
        var host = new ImprovementHost(_backend) { Copies = copies ?? [_backend] };
        return new AgentImprovement(
            options, agent ?? world.Agent(), teacher: null, observer is null ? host : host with { Observer = observer });
    }

    private async Task<ImprovementResults> RunAsync(
        ImprovementOptions options, IImprovementObserver? observer = null, Backend[]? copies = null)
    {
        using var improvement = Open(options, observer: observer, copies: copies);
        return await improvement.RunAsync(Stop);
    }

    private byte[] Model(string output, string round) =>
        File.ReadAllBytes(Path.Combine(world.PathOf(output), round, "model", "model.safetensors"));

    /// <summary>What was learned from, without how long the model took for it.</summary>
    private List<string> Training(string output, string round)
    {
        var rows = new List<string>();
        foreach (var file in (string[])["positive.json", "negative.json"])
        {
            foreach (var row in JsonNode.Parse(File.ReadAllText(Path.Combine(world.PathOf(output), round, "training", file)))!.AsArray())
            {
                row!["usage"]!.AsObject().Remove("seconds");
                rows.Add(row.ToJsonString());
            }
        }

        return rows;
    }

    private static IEnumerable<string> Rounds(ImprovementResults results) =>
        results.Rounds.Select(round => (round with { Seconds = new PhaseSeconds() }).ToJson().GetRawText());
}
