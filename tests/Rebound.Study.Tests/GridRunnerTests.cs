using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Engine;
using Rebound.Study.Grids;
using Rebound.Study.Results;
using Rebound.Testing;
using Rebound.Training;
using Rebound.Training.Runs;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Tests;

public sealed class GridRunnerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-grid-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>As after an end of the process between the model and the account of its costs.</summary>
    [Fact]
    public async Task A_model_whose_costs_were_not_written_any_more_is_not_trained_again()
    {
        var plan = Plan(keepsModels: true);
        Assert.Equal((1, 0), await RunAsync(plan));
        var costs = Directory.GetFiles(_folder, "training.json", SearchOption.AllDirectories).Single();
        var metrics = Directory.GetFiles(_folder, "metrics.jsonl", SearchOption.AllDirectories).Single();
        var written = File.GetLastWriteTimeUtc(metrics);
        var before = JsonNode.Parse(await File.ReadAllTextAsync(costs, TestContext.Current.CancellationToken))!;
        File.Delete(costs);

        Assert.Equal((1, 0), await RunAsync(plan));

        var after = JsonNode.Parse(await File.ReadAllTextAsync(costs, TestContext.Current.CancellationToken))!;
        Assert.Equal((int)before["steps"]!, (int)after["steps"]!);
        Assert.Equal(written, File.GetLastWriteTimeUtc(metrics));
    }

    /// <summary>As after an end of the process between the last score and the weights.</summary>
    [Fact]
    public async Task Weights_that_were_not_taken_away_any_more_are_so_later()
    {
        await RunAsync(Plan(keepsModels: true));
        Assert.Contains(Directory.GetFiles(_folder, "*.safetensors", SearchOption.AllDirectories), IsOfACell);

        Assert.Equal((1, 0), await RunAsync(Plan(keepsModels: false)));

        Assert.DoesNotContain(Directory.GetFiles(_folder, "*.safetensors", SearchOption.AllDirectories), IsOfACell);
    }

    [Fact]
    public async Task Scores_that_are_gone_are_made_again_with_the_same_numbers()
    {
        await RunAsync(Plan(keepsModels: false));
        var scores = Directory.GetFiles(_folder, "*.json", SearchOption.AllDirectories).Single(file =>
            Path.GetFileName(Path.GetDirectoryName(file)) == "scores");
        var before = JsonNode.Parse(await File.ReadAllTextAsync(scores, TestContext.Current.CancellationToken))!;
        File.Delete(scores);

        Assert.Equal((1, 0), await RunAsync(Plan(keepsModels: false)));

        var after = JsonNode.Parse(await File.ReadAllTextAsync(scores, TestContext.Current.CancellationToken))!;
        Assert.Equal(before["metrics"]!.ToJsonString(), after["metrics"]!.ToJsonString());
    }

    [Fact]
    public async Task Trainings_at_a_time_come_to_the_same_as_one_after_the_other()
    {
        var plan = Plan(keepsModels: false, seeds: 5);
        Assert.Equal((5, 0), await RunAsync(plan, "one", backends: 1));
        Assert.Equal((5, 0), await RunAsync(plan, "several", backends: 3));

        Assert.Equal(Metrics("one"), Metrics("several"));
    }

    [Fact]
    public async Task A_training_that_cannot_be_made_is_told_and_the_others_are_made()
    {
        var plan = Plan(keepsModels: false, seeds: 3);
        var broken = plan.Points[1];
        var diverges = broken with
        {
            Cell = broken.Cell with { Run = broken.Cell.Run with { Training = broken.Cell.Run.Training with { LearningRate = 1e30 } } },
        };

        var progress = await RunAllAsync(plan with { Points = [plan.Points[0], diverges, plan.Points[2]] }, "study", backends: 2);

        Assert.Equal(2, progress.Done);
        Assert.StartsWith("vanilla-seed2: ", Assert.Single(progress.Failed), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1/1", 1, 1)]
    [InlineData("2/3", 2, 3)]
    [InlineData("0/3", 0, 0)]
    [InlineData("4/3", 0, 0)]
    [InlineData("1", 0, 0)]
    [InlineData("a/b", 0, 0)]
    public void Parts_are_numbered_from_one(string text, int number, int of) =>
        Assert.Equal(of == 0 ? null : new GridPart(number, of), GridPart.Parse(text));

    [Fact]
    public void Parts_have_everything_once()
    {
        int[] all = [.. Enumerable.Range(0, 11)];

        var parts = Enumerable.Range(1, 3).SelectMany(number => new GridPart(number, 3).Take(all)).Order();

        Assert.Equal(all, parts);
    }

    private bool IsOfACell(string file) => file.StartsWith(Path.Combine(_folder, "study"), StringComparison.Ordinal);

    private async Task<(int Done, int Left)> RunAsync(GridPlan plan, string study = "study", int backends = 1)
    {
        var progress = await RunAllAsync(plan, study, backends);
        return (progress.Done, progress.Left);
    }

    private async Task<GridProgress> RunAllAsync(GridPlan plan, string study, int backends)
    {
        Backend[] opened = [.. Enumerable.Range(0, backends).Select(_ => new CpuBackend(1))];
        try
        {
            return await new GridRunner(plan, new GridFolder(Path.Combine(_folder, study)), opened, TimeProvider.System)
                .RunAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            Array.ForEach(opened, backend => backend.Dispose());
        }
    }

    /// <summary>What every training of a study scored, by its folder.</summary>
    private string[] Metrics(string study) =>
    [
        .. Directory.GetFiles(Path.Combine(_folder, study), "*.json", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) == "scores").Order(StringComparer.Ordinal)
            .Select(file => JsonNode.Parse(File.ReadAllText(file))!["metrics"]!.ToJsonString()),
    ];

    private GridPlan Plan(bool keepsModels, int seeds = 1)
    {
        var model = Path.Combine(_folder, "model");
        if (!Directory.Exists(model))
        {
            TinyChatModel.Write(model);
            File.WriteAllText(Path.Combine(_folder, "positive.json"), """
                [{"id": 0, "info": {"reward": true}, "conversations": [
                  {"role": "user", "content": "1?", "loss": false}, {"role": "assistant", "content": "Action: finish[1]", "loss": true}]}]
                """);
        }

        GridCell Cell(int seed) => new($"vanilla-seed{seed}", model, Lora: null, new RunOptions
        {
            OutputFolder = "chosen by the study",
            Data = new DatasetOptions { PositivePath = Path.Combine(_folder, "positive.json"), Method = TrainingMethod.Vanilla },
            Training = new TrainingOptions { MaxSteps = 2, BatchSize = 1, Seed = seed },
            Checkpoints = new CheckpointOptions { Schedule = StepSchedule.Never },
            TriesLargestBatch = false,
        });
        var questions = Enumerable.Range(0, 2).Select(number =>
            new TaskQuestion(JsonValue.Create(number), $"{number}?", JsonValue.Create("1"))).ToArray();
        var task = new AgentTask("ones", new AnswerScorer(), [], "outcome", Template: null, QuestionFields.Usual);
        return new GridPlan(
            [.. Enumerable.Range(1, seeds).Select(seed => new GridPoint(new Arm("vanilla") { Failures = 0 }, seed, Cell(seed)))],
            [new GridTask("ones", task, questions, new ToolSet()) { Episodes = new EpisodeOptions { StepLimit = 1, MaxOutputTokens = 4 } }])
        {
            KeepsModels = keepsModels,
        };
    }
}
