using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Training.Checkpoints;
using Rebound.Training.Methods;

namespace Rebound.Training.Tests;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rebound-checkpoints-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_trainer_goes_on_from_its_state_bit_by_bit_and_measuring_changes_nothing()
    {
        var options = new TrainingOptions
        {
            BatchSize = 3,
            MaxSteps = 9,
            PackTokens = 64,
            LearningRate = 1e-3,
            WarmupSteps = 2,
            Optimizer = new() { WeightDecay = 0.1f },
        };
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
    [InlineData("{\"format\": \"rebound-checkpoint-1\", \"step\": 1, \"files\": [null]}")]
    [InlineData("{\"format\": \"rebound-checkpoint-1\", \"step\": 1, \"files\": [{\"name\": null, \"bytes\": 0, \"crc32c\": \"\"}]}")]
    [InlineData(
        "{\"format\": \"rebound-checkpoint-1\", \"step\": 1, \"files\": [{\"name\": \"/dev/zero\", \"bytes\": 0, \"crc32c\": \"\"}]}")]
    [InlineData("{\"format\": \"rebound-checkpoint-1\", \"step\": 1, \"files\": [{\"name\": \"../a\", \"bytes\": 0, \"crc32c\": \"\"}]}")]
    public void A_folder_with_another_manifest_is_no_checkpoint(string manifest)
    {
        var folder = Save(new CheckpointStore(_root), 1);
        File.WriteAllText(Path.Combine(folder, CheckpointManifest.FileName), manifest);
        Assert.DoesNotContain("System.", Assert.Throws<CheckpointException>(() => CheckpointManifest.Verify(folder)).Message);
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
        Directory.CreateDirectory(Path.Combine(_root, ".checkpoint-2.partial"));
        store.KeepNewest(2, step: 20);
        store.DeleteUnfinished();
        Assert.Equal(["checkpoint-20", "checkpoint-3"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Checkpoints_are_kept_back_from_the_one_just_saved_and_half_written_ones_do_not_count()
    {
        var store = new CheckpointStore(_root);
        foreach (var step in new[] { 5, 10, 12, 20 })
        {
            Save(store, step);
        }

        // The manifests of steps 12 and 20 were lost; the run went on from step 10 and was interrupted after 15.
        File.Delete(Path.Combine(_root, "checkpoint-12", CheckpointManifest.FileName));
        File.Delete(Path.Combine(_root, "checkpoint-20", CheckpointManifest.FileName));
        Save(store, 15);
        store.KeepNewest(2, step: 15);
        Assert.EndsWith("checkpoint-15", store.NewestWhole());
        Assert.Equal([10, 15, 20], store.Folders.Select(CheckpointStore.StepOf).OfType<int>());
    }

    [Fact]
    public void A_checkpoint_of_the_same_step_is_replaced_by_a_whole_one_or_stays()
    {
        var store = new CheckpointStore(_root);
        var folder = Save(store, 1);
        Assert.Throws<IOException>(() => store.Save(1, _ =>
        {
            CheckpointManifest.Verify(folder);
            throw new IOException("No space left on device");
        }));
        CheckpointManifest.Verify(folder);
        store.Save(1, partial => File.WriteAllText(Path.Combine(partial, "a"), "another"));
        Assert.Equal(["a"], CheckpointManifest.Verify(folder).Files.Select(file => file.Name));
        Assert.Equal(["checkpoint-1"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task At_no_moment_has_a_folder_a_checkpoint_s_name_and_no_manifest()
    {
        var store = new CheckpointStore(_root);
        var saving = Task.Run(() =>
        {
            for (var step = 1; step <= 60; step++)
            {
                Save(store, step);
                Save(store, step);
                store.KeepNewest(1, step);
            }
        }, TestContext.Current.CancellationToken);
        while (!saving.IsCompleted)
        {
            foreach (var folder in store.Folders)
            {
                // A folder that has gone meanwhile is no fault; one that is there has its manifest.
                Assert.True(File.Exists(Path.Combine(folder, CheckpointManifest.FileName)) || !Directory.Exists(folder), folder);
            }
        }

        await saving;
    }

    [Fact]
    public void A_folder_that_a_run_takes_over_holds_no_checkpoints_of_another_and_keeps_its_own()
    {
        var elsewhere = new CheckpointStore(Path.Combine(_root, "else"));
        var (own, run) = (new CheckpointStore(Path.Combine(_root, "run")), new RunFolder(Path.Combine(_root, "run")));
        var from = Run(elsewhere, 7);
        Run(own, 500);
        run.Continue(from);
        Assert.Empty(own.Folders);
        Assert.Equal("7", File.ReadAllText(run.MetricsPath));

        from = Run(own, 8);
        Run(own, 16);
        run.Continue(from);
        Assert.Equal([8, 16], own.Folders.Select(CheckpointStore.StepOf).OfType<int>());

        string Run(CheckpointStore store, int step) =>
            store.Save(step, folder => File.WriteAllText(Path.Combine(folder, "metrics.jsonl"), $"{step}"));
    }

    [Fact]
    public void A_trained_model_that_cannot_be_put_in_its_place_is_not_thrown_away()
    {
        var run = new RunFolder(_root);
        Directory.CreateDirectory(Path.Combine(_root, "tokenizer.json"));

        Assert.ThrowsAny<IOException>(() => run.Publish(folder =>
        {
            File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{}");
            File.WriteAllText(Path.Combine(folder, "model.safetensors"), "weights");
        }));

        Assert.Equal("weights", File.ReadAllText(Directory.GetFiles(_root, "model.safetensors", SearchOption.AllDirectories).Single()));
        Assert.False(File.Exists(Path.Combine(_root, "config.json")));
    }

    [Fact]
    public void A_run_is_told_from_another_by_option_and_by_data()
    {
        var documents = TestDocuments.Random(5, 1);
        var options = new TrainingOptions();
        var before = RunIdentity.Of(options, LearningSet.Plain(documents), [], "m", DType.Float32);
        Assert.Empty(RunIdentity.Differences(
            before, RunIdentity.Of(options with { }, LearningSet.Plain(TestDocuments.Random(5, 1)), [], "m", DType.Float32)));
        Assert.Equal(
            ["seed was 42 and is now 1"],
            RunIdentity.Differences(before, RunIdentity.Of(options with { Seed = 1 }, LearningSet.Plain(documents), [], "m", DType.Float32)));
        Assert.Empty(
            RunIdentity.Differences(
                before, RunIdentity.Of(options with { BatchSize = 2, AccumulationSteps = 4 }, LearningSet.Plain(documents), [], "m", DType.Float32)));
        var other = documents.ToArray();
        other[2] = other[2] with { Content = other[2].Content with { Runs = default } };
        Assert.StartsWith(
            "training data was 5 documents",
            Assert.Single(RunIdentity.Differences(before, RunIdentity.Of(options, LearningSet.Plain(other), [], "m", DType.Float32))));
    }

    private static string Save(CheckpointStore store, int step) => store.Save(step, folder =>
    {
        File.WriteAllText(Path.Combine(folder, "a"), "first");
        File.WriteAllText(Path.Combine(folder, "b"), $"{step}");
    });
}
