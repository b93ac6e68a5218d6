using System.Text.Json.Nodes;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Runs that are ended at some moment and gone on with, beside the same run from start to end.</summary>
[Collection(MomentsOfProcesses.Name)]
public sealed class ResumeTests
{
    private static readonly string[] Recipe =
    [
        "--max-steps", "60", "--per_device_train_batch_size", "3", "--save_steps", "7", "--save_total_limit", "2",
        "--seed", "5", "--held-out", "1",
        "--eval-steps", "9",
    ];

    [Fact]
    public async Task Killed_at_any_moment_a_run_goes_on_to_the_same_losses_bit_by_bit()
    {
        using var folder = new TrainingFolder();
        ReboundProcess.Run(folder.Arguments([.. Recipe, "--output_dir", folder.Path("whole")])).Succeeded();
        var expected = Curve(folder.Path("whole"));
        Assert.Equal(60, expected.Length);

        var random = new Random(11);
        var kills = 0;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            // Counted in steps, as a run that is fast has ended after any time that a slow one needs to begin.
            using var run = new RunningProcess(folder.Arguments([.. Recipe, "--logging-steps", "1", "--resume", "auto"]));
            for (var steps = random.Next(1, 18); steps > 0 && await run.SaysAsync("loss "); steps--)
            {
            }

            await Task.Delay(random.Next(20), TestContext.Current.CancellationToken);
            kills += run.HasEnded ? 0 : 1;
            run.Kill();
            await run.EndAsync();
        }

        ReboundProcess.Run(folder.Arguments([.. Recipe, "--resume", "auto"])).Succeeded();
        Assert.True(kills > 0, "No run was killed before it ended.");
        Assert.Equal(expected, Curve(folder.Path("out")));
        Assert.Equal(Weights(folder.Path("whole")), Weights(folder.Path("out")));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path("out"), ".*"));
    }

    [Fact]
    public async Task Killed_while_a_checkpoint_is_written_it_goes_on_from_the_one_before()
    {
        using var folder = new TrainingFolder();
        string[] recipe = [.. Recipe, "--save_steps", "1", "--max-steps", "15"];
        ReboundProcess.Run(folder.Arguments([.. recipe, "--output_dir", folder.Path("whole")])).Succeeded();
        var partials = 0;
        for (var step = 2; step < 12; step += 3)
        {
            using var run = new RunningProcess(folder.Arguments([.. recipe, "--resume", "auto"]));
            Assert.True(await run.SaysAsync($"checkpoint-{step}"), run.Said);
            while (!run.HasEnded && Partial(folder.Path("out")).Length == 0)
            {
                Thread.Yield();
            }

            run.Kill();
            await run.EndAsync();
            partials += Partial(folder.Path("out")).Length;
        }

        ReboundProcess.Run(folder.Arguments([.. recipe, "--resume", "auto"])).Succeeded();
        Assert.True(partials > 0, "No run was killed while it wrote a checkpoint.");
        Assert.Equal(Curve(folder.Path("whole")), Curve(folder.Path("out")));
        Assert.Equal(Weights(folder.Path("whole")), Weights(folder.Path("out")));
    }

    [Fact]
    public async Task Interrupted_it_ends_its_step_saves_a_checkpoint_and_says_how_to_go_on()
    {
        Interrupts.SkipIfIgnored();
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals are sent as POSIX has them.");
        using var folder = new TrainingFolder();
        string[] recipe = ["--max-steps", "20000", "--save-strategy", "no", "--logging-steps", "1"];
        using (var run = new RunningProcess(folder.Arguments(recipe)))
        {
            Assert.True(await run.SaysAsync("loss "), run.Said);
            await run.InterruptAsync();
            await run.EndAsync();
            Assert.Equal(130, run.ExitCode);
            Assert.Contains("Interrupted: ending this step", run.Said);
            Assert.Contains("--resume auto goes on from there", run.Said);
        }

        var checkpoint = Assert.Single(Directory.GetDirectories(folder.Path("out"), "checkpoint-*"));
        var steps = int.Parse(checkpoint.Split('-')[^1]);
        Assert.Equal(steps, File.ReadLines(folder.Path("out/metrics.jsonl")).Count());
        using (var source = ModelSource.Open(checkpoint))
        {
            Assert.NotEmpty(source.Tensors.Tensors);
        }

        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(checkpoint, "rebound.json")))!;
        Assert.Equal(("<|im_end|>", "aware", steps), ((string)card["stop_token"]!, (string)card["prompt"]!["name"]!, (int)card["steps"]!));
        Assert.Contains(
            $"{steps:N0} of 20,000 steps are done",
            ReboundProcess.Run(folder.Arguments([.. recipe, "--resume", "auto", "--plan", "true"])).Succeeded());
    }

    [Fact]
    public void Another_run_is_refused_by_what_differs()
    {
        using var folder = new TrainingFolder();
        string[] recipe = [.. Recipe, "--max-steps", "7"];
        ReboundProcess.Run(folder.Arguments(recipe)).Succeeded();
        var options = Refusal("--learning_rate", "1e-3", "--adam_beta1", "0.8");
        Assert.Contains("learning_rate was 0.005 and is now 0.001", options);
        Assert.Contains("adam_beta1 was 0.9 and is now 0.8", options);
        var data = Refusal("--pos_num", "0", "--seed", "5");
        Assert.Contains("training data was ", data);
        Assert.Contains("Options that differ: pos-num was not set and is now 0.", data);

        string Refusal(params string[] changes) =>
            ReboundProcess.Run(folder.Arguments([.. recipe, "--resume", "auto", .. changes])).Refused();
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_by_name_and_refused_when_it_is_asked_for()
    {
        using var folder = new TrainingFolder();
        ReboundProcess.Run(folder.Arguments([.. Recipe, "--max-steps", "14"])).Succeeded();
        var newest = folder.Path("out/checkpoint-14");
        var moments = Path.Combine(newest, "optimizer_first_moment.safetensors");
        using (var stream = File.OpenWrite(moments))
        {
            stream.Position = stream.Length - 5;
            stream.WriteByte(0xA5);
        }

        Assert.Contains(
            "no whole checkpoint", ReboundProcess.Run(folder.Arguments([.. Recipe, "--max-steps", "14", "--resume", newest])).Refused());
        var resumed = ReboundProcess.Run(folder.Arguments([.. Recipe, "--max-steps", "14", "--resume", "auto"]));
        resumed.Succeeded();
        Assert.Contains("optimizer_first_moment.safetensors", resumed.Error);
        Assert.Contains("checkpoint-7: 7 of 14 steps are done", resumed.Error);
    }

    [Fact]
    public void A_folder_with_a_model_or_checkpoints_is_not_written_over_unasked()
    {
        using var folder = new TrainingFolder();
        ReboundProcess.Run(folder.Arguments([.. Recipe, "--max-steps", "7"])).Succeeded();
        Assert.Contains("holds a model already", ReboundProcess.Run(folder.Arguments([.. Recipe])).Refused());
        File.Delete(folder.Path("out/config.json"));
        Assert.Contains("holds a checkpoint of a run already", ReboundProcess.Run(folder.Arguments([.. Recipe])).Refused());
        ReboundProcess.Run(folder.Arguments([.. Recipe, "--max-steps", "3", "--overwrite_output_dir", "True"])).Succeeded();
        Assert.Equal(3, File.ReadLines(folder.Path("out/metrics.jsonl")).Count());
        Assert.Empty(Directory.GetDirectories(folder.Path("out"), "checkpoint-*"));
    }

    [Fact]
    public void A_run_that_is_done_has_nothing_left_to_do_and_a_checkpoint_can_be_gone_on_from_elsewhere()
    {
        using var folder = new TrainingFolder();
        string[] recipe = [.. Recipe, "--max-steps", "14", "--eval_path", folder.Path("negative.json")];
        ReboundProcess.Run(folder.Arguments(recipe)).Succeeded();
        var curve = Curve(folder.Path("out"));
        Assert.Contains("eval_loss_negative", curve[^1]);
        Assert.Contains("after 14 steps", ReboundProcess.Run(folder.Arguments([.. recipe, "--resume", "auto"])).Succeeded());
        Assert.Equal(curve, Curve(folder.Path("out")));

        string[] elsewhere = [.. recipe, "--resume", folder.Path("out/checkpoint-7"), "--output_dir", folder.Path("else")];
        ReboundProcess.Run(folder.Arguments(elsewhere)).Succeeded();
        Assert.Equal(curve, Curve(folder.Path("else")));
        Assert.Contains("holds a model already", ReboundProcess.Run(folder.Arguments(elsewhere)).Refused());
        Assert.Contains("held-out data was", ReboundProcess.Run(
            folder.Arguments([.. recipe, "--resume", "auto", "--eval_path", folder.Path("positive.json")])).Refused());
    }

    /// <summary>Step, loss, rate, norm and held-out losses of every line: all that does not depend on the clock.</summary>
    private static string[] Curve(string run) =>
    [
        .. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => string.Join(' ', JsonNode.Parse(line)!.AsObject()
            .Where(field => !field.Key.Contains("second", StringComparison.Ordinal) || field.Key == "supervised_tokens")
            .Select(field => $"{field.Key}={field.Value!.ToJsonString()}"))),
    ];

    private static byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(run, "model.safetensors"));

    private static string[] Partial(string run) => Directory.Exists(run) ? Directory.GetDirectories(run, ".checkpoint-*") : [];
}
