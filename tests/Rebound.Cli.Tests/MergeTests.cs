using System.Text.Json.Nodes;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class MergeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rebound-merge-").FullName;

    private string Merged => Path.Combine(_root, "merged");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Merge_writes_a_model_and_says_how_far_it_is_from_its_parts()
    {
        var (model, adapter) = (SharedData.Path("golden/lora/base"), SharedData.Path("golden/lora/adapter"));
        string[] arguments = ["merge", "--model", model, "--adapter", adapter, "--output", Merged];

        var report = JsonNode.Parse(ReboundProcess.Run([.. arguments, "--json"]).Succeeded())!;

        Assert.Equal("float32", (string)report["dtype"]!);
        Assert.All(report["results"]!.AsArray(), result => Assert.True((double)result!["max_relative"]! < 1e-5));
        using var source = ModelSource.Open(Merged);
        Assert.Null(source.Adapter);
        Assert.Contains("exists already", ReboundProcess.Run(arguments).Error);
        Assert.Contains("bfloat16", ReboundProcess.Run([.. arguments, "--save_dtype", "bfloat16", "--overwrite"]).Succeeded());
    }

    [Fact]
    public void A_model_without_an_adapter_is_refused()
    {
        var model = SharedData.Path("golden/lora/base");
        Assert.Contains("give an --adapter", ReboundProcess.Run("merge", "--model", model, "--output", Merged).Refused());
        Assert.Contains("--model is required", ReboundProcess.Run("merge", "--output", Merged).Refused());
    }
}
