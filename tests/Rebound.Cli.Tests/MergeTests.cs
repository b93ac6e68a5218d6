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
    public void A_merged_model_is_asked_as_its_adapter_was_and_answers_the_same()
    {
        using var folder = new TrainingFolder();
        const string Generation = """{"do_sample": true, "temperature": 0.6, "eos_token_id": [0]}""";
        File.WriteAllText(folder.Path("model/generation_config.json"), Generation);
        Directory.CreateDirectory(folder.Path("model/additional_chat_templates"));
        File.WriteAllText(folder.Path("model/additional_chat_templates/rag.jinja"), "documents");
        File.WriteAllText(folder.Path("model/added_tokens.json"), "{}");
        ReboundProcess.Run(folder.Arguments("--max_steps", "2", "--lora-rank", "2")).Succeeded();

        ReboundProcess.Run("merge", "--adapter", folder.Path("out"), "--output", Merged).Succeeded();

        Assert.Equal(Ask(folder.Path("out")), Ask(Merged));
        Assert.True(JsonNode.DeepEquals(Json(folder.Path("out/rebound.json")), Json(Path.Combine(Merged, "rebound.json"))));
        Assert.True(
            JsonNode.DeepEquals(Json(folder.Path("out/generation_config.json")), Json(Path.Combine(Merged, "generation_config.json"))));
        Assert.Equal(0.6, (double)Json(Path.Combine(Merged, "generation_config.json"))["temperature"]!);
        Assert.All(
            (string[])["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
                "additional_chat_templates/rag.jinja"],
            name => Assert.Equal(File.ReadAllBytes(folder.Path($"model/{name}")), File.ReadAllBytes(Path.Combine(Merged, name))));

        static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(path))!;
    }

    /// <summary>The tokens of a prompt and of its answer.</summary>
    private static string Ask(string model)
    {
        var run = ReboundProcess.Run(
            ["generate", "--model", model, "--input", "-", "--max-new-tokens", "8"], environment: null,
            """{"messages": [{"role": "user", "content": "1+1?"}]}""");
        Assert.Contains("Asked with the prompt 'aware' under the condition", run.Error);
        return run.Succeeded();
    }

    [Fact]
    public void A_model_without_an_adapter_is_refused()
    {
        var model = SharedData.Path("golden/lora/base");
        Assert.Contains("give an --adapter", ReboundProcess.Run("merge", "--model", model, "--output", Merged).Refused());
        Assert.Contains("--model or --adapter is required", ReboundProcess.Run("merge", "--output", Merged).Refused());
    }
}
