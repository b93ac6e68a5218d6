using System.Diagnostics;
using System.Security.Cryptography;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>
/// Commands that are killed while they put a model in the place of another: who opens it finds the old one or the new one, whole.
/// </summary>
[Collection(MomentsOfProcesses.Name)]
public sealed class PublicationTests : IDisposable
{
    private const int Kills = 4;
    private const int LongestPublication = 12;

    private readonly TrainingFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("adapter_model.safetensors", "--lora-rank", "2")]
    public Task A_training_leaves_the_old_model_or_the_new(string weights, params string[] more)
    {
        string[] Run(string seed, string output) => _folder.Arguments(
            [.. more, "--max-steps", "2", "--save-strategy", "no", "--seed", seed, "--overwrite_output_dir", "true",
                "--output_dir", _folder.Path(output)]);
        return HoldsAsync(output => Run("1", output), output => Run("2", output), weights, ".model*", inside: true);
    }

    [Fact]
    public Task A_merge_leaves_the_old_model_or_the_new()
    {
        string[] Run(string type, string output) =>
        [
            "merge", "--model", SharedData.Path("golden/lora/base"), "--adapter", SharedData.Path("golden/lora/adapter"),
            "--overwrite", "--save-dtype", type,
            "--output", _folder.Path(output),
        ];
        return HoldsAsync(
            output => Run("float32", output), output => Run("bfloat16", output), "model.safetensors", ".out.partial", inside: false);
    }

    /// <param name="sign">The hidden name under which the new model is written.</param>
    /// <param name="inside">Whether it is in the output folder, or beside it.</param>
    private async Task HoldsAsync(Func<string, string[]> old, Func<string, string[]> next, string weights, string sign, bool inside)
    {
        ReboundProcess.Run(next("new")).Succeeded();
        using var backend = new CpuBackend(1);
        var (whole, random, published) = (Checksum("new", weights), new Random(5), 0);
        ReboundProcess.Run(old("out")).Succeeded();
        var first = Checksum("out", weights);
        Assert.NotEqual(first, whole);
        for (var kill = 0; kill < Kills; kill++)
        {
            File.WriteAllText(_folder.Path("stamp"), "");
            var start = File.GetLastWriteTimeUtc(_folder.Path("stamp"));
            using var run = new RunningProcess(next("out"));
            while (!run.HasEnded
                && !Directory.EnumerateDirectories(inside ? _folder.Path("out") : _folder.Root, sign)
                    .Any(found => Directory.GetLastWriteTimeUtc(found) > start))
            {
                Thread.Sleep(1);
            }

            var (clock, moment) = (Stopwatch.StartNew(), random.NextDouble() * LongestPublication);
            while (clock.Elapsed.TotalMilliseconds < moment)
            {
                Thread.SpinWait(10);
            }

            published += run.HasEnded ? 0 : 1;
            run.Kill();
            await run.EndAsync();
            using (var source = ModelSource.Open(_folder.Path("out")))
            using (var model = source.Load(backend))
            {
                Assert.Equal(weights.StartsWith("adapter", StringComparison.Ordinal), source.Adapter is not null);
            }

            Assert.Contains(Checksum("out", weights), new[] { first, whole });
        }

        Assert.True(published > 0, "No run was killed while it wrote its model.");
        ReboundProcess.Run(next("out")).Succeeded();
        Assert.Equal(whole, Checksum("out", weights));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path("out"), ".*"));
    }

    private string Checksum(string output, string weights) =>
        Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder.Path(output), weights))));
}
