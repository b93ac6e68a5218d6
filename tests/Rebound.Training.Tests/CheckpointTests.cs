using Rebound.Engine;
using Rebound.Models;
using Rebound.Training.Checkpoints;

namespace Rebound.Training.Tests;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rebound-checkpoints-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_trainer_goes_on_from_its_state_bit_by_bit_and_measuring_changes_nothing()
    {
        var options = new TrainingOptions { BatchSize = 3, MaxSteps = 9, PackTokens = 64, LearningRate = 1e-3, WarmupSteps = 2, Optimizer = new() { WeightDecay = 0.1f } };
        var plan = new TrainingPlan(TestDocuments.Random(8, 3), options);
        using var backend = new CpuBackend(1);
        using var model = TestDocuments.Model(backend);
        using var whole = new Trainer(model, plan, options, TimeProvider.System);
        var expected = whole.Run().Select(Curve).ToArray();

        using var firstModel = TestDocuments.Model(backend);
        using var first = new Trainer(firstModel, plan, options, TimeProvider.System);
        first.Measure();
        Assert.Equal(expected[..4], first.Run().Take(4).Select(Curve));
        first.SaveState(_root);

        using var second = new Trainer(firstModel, plan, options, TimeProvider.System);
        second.Measure();
        second.RestoreState(_root, first.CompletedSteps);
        Assert.Equal(expected[4..], second.Run().Select(Curve));
        Assert.Throws<InvalidOperationException>(second.Measure);

        static (int, double, double, double) Curve(StepReport step) => (step.Step, step.Loss, step.GradientNorm, step.LearningRate);
    }

    [Fact]
    public void The_newest_whole_checkpoint_is_the_one_whose_files_are_as_they_were_written()
    {
        var store = new CheckpointStore(_root);
        foreach (var step in new[] { 9, 10, 100 })
        {
            Save(store, step);
        }

        Assert.Equal([9, 10, 100], store.Folders.Select(CheckpointStore.StepOf).OfType<int>());
        Assert.EndsWith("checkpoint-100", store.NewestWhole());
        File.AppendAllText(Path.Combine(_root, "checkpoint-100", "a"), "!");
        File.Delete(Path.Combine(_root, "checkpoint-10", CheckpointManifest.FileName));
        var damaged = new List<CheckpointException>();
        Assert.EndsWith("checkpoint-9", store.NewestWhole(damaged.Add));
        Assert.Equal(2, damaged.Count);
        Assert.Contains("6 bytes", damaged[0].Message);
        File.Delete(Path.Combine(_root, "checkpoint-9", "b"));
        Assert.Null(store.NewestWhole());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"format\": \"other\", \"step\": 1, \"files\": []}")]
    [InlineData("")]
    public void A_folder_with_another_manifest_is_no_checkpoint(string manifest)
    {
        var folder = Save(new CheckpointStore(_root), 1);
        File.WriteAllText(Path.Combine(folder, CheckpointManifest.FileName), manifest);
        Assert.Throws<CheckpointException>(() => CheckpointManifest.Verify(folder));
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing_and_the_ones_before_stay()
    {
        var store = new CheckpointStore(_root);
        Save(store, 1);
        Assert.Throws<IOException>(() => store.Save(2, folder =>
        {
            File.WriteAllText(Path.Combine(folder, "a"), "half");
            throw new IOException("No space left on device");
        }));
        Assert.Equal(["checkpoint-1"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
        Assert.EndsWith("checkpoint-1", store.NewestWhole());
    }

    [Fact]
    public void The_oldest_go_and_half_written_ones_too()
    {
        var store = new CheckpointStore(_root);
        foreach (var step in new[] { 1, 2, 3, 20 })
        {
            Save(store, step);
        }

        Directory.CreateDirectory(Path.Combine(_root, ".checkpoint-21.partial"));
        store.KeepNewest(2);
        store.DeleteUnfinished();
        Assert.Equal(["checkpoint-20", "checkpoint-3"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_run_is_told_from_another_by_option_and_by_data()
    {
        var documents = TestDocuments.Random(5, 1);
        var options = new TrainingOptions();
        var before = RunIdentity.Of(options, documents, [], "m", DType.Float32);
        Assert.Empty(RunIdentity.Differences(before, RunIdentity.Of(options with { }, TestDocuments.Random(5, 1), [], "m", DType.Float32)));
        Assert.Equal(["seed was 42 and is now 1"], RunIdentity.Differences(before, RunIdentity.Of(options with { Seed = 1 }, documents, [], "m", DType.Float32)));
        Assert.Empty(RunIdentity.Differences(before, RunIdentity.Of(options with { BatchSize = 2, AccumulationSteps = 4 }, documents, [], "m", DType.Float32)));
        var other = documents.ToArray();
        other[2] = other[2] with { Labels = [.. other[2].Labels.Select(_ => -100)] };
        Assert.StartsWith("training data was 5 documents", Assert.Single(RunIdentity.Differences(before, RunIdentity.Of(options, other, [], "m", DType.Float32))));
    }

    private static string Save(CheckpointStore store, int step) => store.Save(step, folder =>
    {
        File.WriteAllText(Path.Combine(folder, "a"), "first");
        File.WriteAllText(Path.Combine(folder, "b"), $"{step}");
    });
}
