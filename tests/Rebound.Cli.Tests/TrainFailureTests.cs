using System.Diagnostics;
using Rebound.Files;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Runs that cannot go on say why, keep the last checkpoint, and leave nothing half written.</summary>
public sealed class TrainFailureTests
{
    [Fact]
    public void A_full_disk_ends_the_run_and_it_goes_on_when_there_is_room_again()
    {
        using var folder = new TrainingFolder();
        string[] recipe = ["--max-steps", "8", "--save-steps", "1", "--per_device_train_batch_size", "2"];
        ReboundProcess.Run(folder.Arguments([.. recipe, "--output_dir", folder.Path("whole")])).Succeeded();
        var checkpoint = Directory.GetFiles(folder.Path("whole/checkpoint-1")).Sum(file => new FileInfo(file).Length);
        using var disk = SmallDisk.Mount(folder.Path("disk"), (3 * checkpoint) + (checkpoint / 2));
        string[] small = [.. recipe, "--output_dir", disk.Path("out")];

        var failed = ReboundProcess.Run(folder.Arguments(small));
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("The checkpoint of step 4 could not be written", failed.Error);
        Assert.Contains("checkpoint-3 is whole: the same command with --resume auto goes on from there.", failed.Error);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path("out"), ".*"));
        Assert.False(Directory.Exists(disk.Path("out/checkpoint-4")));

        Directory.Delete(disk.Path("out/checkpoint-1"), recursive: true);
        ReboundProcess.Run(folder.Arguments([.. small, "--save_total_limit", "1", "--resume", "auto"])).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder.Path("whole/model.safetensors")), File.ReadAllBytes(disk.Path("out/model.safetensors")));
        Assert.Equal(8, File.ReadLines(disk.Path("out/metrics.jsonl")).Count());
    }

    [Fact]
    public void A_run_that_diverges_keeps_its_checkpoints_and_says_what_can_be_done()
    {
        using var folder = new TrainingFolder();
        var run = ReboundProcess.Run(
            folder.Arguments("--max-steps", "50", "--save-steps", "1", "--max-grad-norm", "0", "--learning_rate", "1e30"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("diverged", run.Error);
        Assert.Matches(@"checkpoint-\d+ is whole: a run with other options can start from it with --model ", run.Error);
        Assert.False(File.Exists(folder.Path("out/config.json")));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path("out"), ".*"));
    }

    [Fact]
    public void A_folder_that_another_run_writes_into_is_left_to_it()
    {
        using var folder = new TrainingFolder();
        Directory.CreateDirectory(folder.Path("out"));
        using (FolderLock.Take(folder.Path("out")))
        {
            var refused = ReboundProcess.Run(folder.Arguments("--max-steps", "1"));
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains($"--output-dir: {folder.Path("out")} cannot be written into: another run may be at work there.", refused.Error);
            ReboundProcess.Run(folder.Arguments("--max-steps", "1", "--plan", "true")).Succeeded();
        }

        ReboundProcess.Run(folder.Arguments("--max-steps", "1")).Succeeded();
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path("out"), ".*"));
    }

    /// <summary>A file system of a few bytes, where one may be mounted.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string _root;

        private SmallDisk(string root) => _root = root;

        public static SmallDisk Mount(string root, long bytes)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "A small file system in memory is mounted as Linux has it.");
            Directory.CreateDirectory(root);
            Assert.SkipUnless(
                Call("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", root) == 0, "This user may not mount a file system.");
            return new SmallDisk(root);
        }

        public string Path(string name) => System.IO.Path.Combine(_root, name);

        public void Dispose() => Call("umount", _root);

        private static int Call(string program, params string[] arguments) =>
            FinishedProcess.Of(new ProcessStartInfo(program, arguments), program).ExitCode;
    }
}
