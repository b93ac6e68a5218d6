using System.Diagnostics;
using System.Globalization;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine.Cuda;
using Rebound.Testing;

namespace Rebound.Cli.Tests.Ranks;

/// <summary><c>rebound train</c> on ranks that are processes.</summary>
public sealed class TrainRanksTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ranks_write_the_model_that_one_process_writes()
    {
        ReboundProcess.Run(Arguments("one", 1)).Succeeded();
        var run = ReboundProcess.Run(Arguments("two", 2, "--zero", "3", "--offload-optimizer", "true"));

        run.Succeeded();
        Assert.Contains(
            "Ranks     2, of which each reads about 2 of a step's documents; moments, gradients and weights are divided (ZeRO 3)", run.Error);
        Assert.Equal(1, run.Error.Split('\n').Count(line => line.Contains("step 4/4")));
        Assert.Equal(Files("one"), Files("two"));
        using var one = new SafetensorsFile(_folder.Path("one/model.safetensors"));
        using var two = new SafetensorsFile(_folder.Path("two/model.safetensors"));
        foreach (var tensor in one.Tensors.Values)
        {
            var (expected, actual) = (new float[tensor.Count], new float[tensor.Count]);
            one.Read(tensor.Name, expected);
            two.Read(tensor.Name, actual);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    /// <summary>Two moments; as many as LONG_TEST_KILLS says, and more ranks, for the long test.</summary>
    [Fact]
    public async Task Ranks_that_are_killed_at_random_moments_end_all_and_the_run_goes_on_to_the_same_bits()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Child processes are found in Linux's /proc.");
        }

        var kills = int.TryParse(Environment.GetEnvironmentVariable("LONG_TEST_KILLS"), out var asked) ? asked : 2;
        var (ranks, steps) = (kills > 2 ? 4 : 2, $"{20 + (20 * kills)}");
        var random = new Random(18);
        ReboundProcess.Run(Arguments("whole", ranks, "--max_steps", steps, "--save_strategy", "no")).Succeeded();
        for (var kill = 0; kill < kills; kill++)
        {
            using var run = new RunningProcess(Arguments(
                "parts", ranks, "--max_steps", steps, "--save_steps", "1", "--save_total_limit", "2", "--logging_steps", "1", "--resume",
                "auto"));
            Assert.True(await run.SaysAsync("step "), run.Said);
            var (rank, process) = Children(run.Id).OrderBy(child => child.Rank).ElementAt(random.Next(ranks - 1));
            await Task.Delay(random.Next(200), TestContext.Current.CancellationToken);
            FinishedProcess.Of(new ProcessStartInfo("kill", ["-KILL", $"{process}"]), "kill");
            var clock = Stopwatch.StartNew();
            await run.EndAsync();

            TestContext.Current.TestOutputHelper?.WriteLine($"Rank {rank} was killed, and all had ended after {clock.Elapsed.TotalSeconds:F1} s.");
            Assert.Equal(1, run.ExitCode);
            Assert.Single(run.Said.Split('\n'), line => line.StartsWith("rebound: ", StringComparison.Ordinal));
            Assert.Contains($"rebound: Rank {rank} closed its connection without a farewell", run.Said);
            Assert.False(Path.Exists($"/proc/{process}/exe"));
        }

        ReboundProcess.Run(Arguments("parts", ranks, "--max_steps", steps, "--save_strategy", "no", "--resume", "auto")).Succeeded();

        Assert.Equal(File.ReadAllBytes(_folder.Path("whole/model.safetensors")), File.ReadAllBytes(_folder.Path("parts/model.safetensors")));
        Assert.Equal(Losses("whole"), Losses("parts"));
    }

    [Theory]
    [InlineData("--nproc-per-node", "5", "4 documents cannot be divided over 5 ranks: a step needs one for each.")]
    [InlineData("--zero", "4", "--zero is 4")]
    [InlineData("--deepspeed", "no.json", "no.json")]
    public void What_cannot_be_done_is_refused_in_a_sentence(string option, string value, string sentence)
    {
        Assert.Contains(sentence, ReboundProcess.Run([.. Arguments("out", 1), option, value]).Refused());
    }

    [Fact]
    public void Ranks_that_ask_for_gpus_where_none_are_do_not_compute_on_the_cpu()
    {
        Assert.SkipUnless(CudaRuntime.Find().Devices.Found.Count == 0, "A GPU is here.");

        var refusal = Refusal("cuda");
        Assert.StartsWith("rebound: --device cuda: ", refusal);
        Assert.Contains("Use --device cpu to compute without a GPU.", refusal);
        Assert.StartsWith("rebound: --device is 'tpu', and must be auto, cpu, cuda, or cuda:N for GPU N.", Refusal("tpu"));

        string Refusal(string device) =>
            ReboundProcess.Run([.. Arguments("out", 2).Select(argument => argument == "cpu" ? device : argument)]).Refused();
    }

    private string[] Arguments(string output, int ranks, params string[] more) =>
    [
        .. _folder.Arguments([
            "--output_dir", _folder.Path(output), "--per_device_train_batch_size", $"{4 / ranks}", "--max_steps", "4", "--save_steps", "3",
            "--device", "cpu", .. more,
        ]),
        .. ranks > 1 ? new[] { "--nproc-per-node", ranks.ToString(CultureInfo.InvariantCulture) } : [],
    ];

    private string[] Files(string output) =>
        [.. Directory.GetFiles(_folder.Path(output)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private string[] Losses(string output) =>
        [.. File.ReadLines(_folder.Path($"{output}/metrics.jsonl")).Select(line => line.Split(',').First(field => field.Contains("loss")))];

    /// <summary>The ranks that a process started.</summary>
    private static IEnumerable<(int Rank, int Process)> Children(int parent) => Directory.GetDirectories($"/proc/{parent}/task")
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(child => (
            Number("RANK=", File.ReadAllText($"/proc/{child}/environ").Split('\0')), int.Parse(child, CultureInfo.InvariantCulture)));

    private static int Number(string name, string[] variables) => int.Parse(
        variables.First(variable => variable.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
}
