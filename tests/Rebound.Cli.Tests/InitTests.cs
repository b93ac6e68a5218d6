using System.Text.Json.Nodes;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class InitTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rebound-init-").FullName;

    private string Model => Path.Combine(_root, "model");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_new_model_has_the_shape_that_was_asked_for_and_generates()
    {
        string[] arguments =
            ["init", "--tokenizer", Tokenizer(), "--output", Model, "--hidden-size", "32", "--layers", "2",
                "--heads", "4", "--kv-heads", "2"];

        var report = JsonNode.Parse(ReboundProcess.Run([.. arguments, "--json"]).Succeeded())!;

        using var source = ModelSource.Open(Model);
        Assert.Equal(
            (32, 2, 4, 2), (source.Config.HiddenSize, source.Config.Layers, source.Config.QueryHeads, source.Config.KeyValueHeads));
        Assert.Equal(source.Tokenizer.VocabularySize, source.Config.VocabularySize);
        Assert.Equal(source.Tensors.Tensors.Values.Sum(tensor => tensor.Count), (long)report["parameters"]!);
        ReboundProcess.Run("generate", "--model", Model, "--prompt", "Once", "--max-new-tokens", "2").Succeeded();
        Assert.Contains("exists already", ReboundProcess.Run(arguments).Refused());
    }

    [Fact]
    public void What_is_beside_the_tokenizer_goes_with_the_model()
    {
        var tokenizer = Directory.CreateDirectory(Path.Combine(_root, "tokenizer")).FullName;
        Directory.CreateDirectory(Path.Combine(tokenizer, "additional_chat_templates"));
        (string Name, string Content)[] files =
        [
            ("tokenizer.json", ByteTokenizer.Json().ToJsonString()), ("tokenizer_config.json", """{"eos_token":"<|im_end|>"}"""),
            ("chat_template.jinja", "{{ messages }}"),
            ("additional_chat_templates/tool_use.jinja", "{{ tools }}"), ("added_tokens.json", "{}"),
        ];
        Array.ForEach(files, file => File.WriteAllText(Path.Combine(tokenizer, file.Name), file.Content));
        File.WriteAllText(Path.Combine(tokenizer, "generation_config.json"), """{"eos_token_id":[257,256],"temperature":0.6}""");

        ReboundProcess.Run(
            "init", "--tokenizer", tokenizer, "--output", Model, "--hidden-size", "8", "--layers", "1", "--heads", "1").Succeeded();

        Assert.All(files, file => Assert.Equal(file.Content, File.ReadAllText(Path.Combine(Model, file.Name))));
        using var source = ModelSource.Open(Model);
        Assert.Equal([257, 256], source.EndTokenIds);
        Assert.Equal(0.6, (double)source.GenerationConfigJson!["temperature"]!);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_one_others()
    {
        var first = Weights("a", "7");
        Assert.Equal(first, Weights("b", "7"));
        Assert.NotEqual(first, Weights("c", "8"));
    }

    [Theory]
    [InlineData("--heads", "5", "--hidden-size is 288, not a multiple of --heads (5)")]
    [InlineData("--hidden-size", "512", "--hidden-size is 512, not a multiple of --heads (6)")]
    [InlineData("--layers", "0", "--layers is 0, and must be at least 1")]
    [InlineData("--like", "nowhere.json", "nowhere.json")]
    public void A_shape_that_cannot_be_is_refused(string option, string value, string message) =>
        Assert.Contains(message, ReboundProcess.Run("init", "--tokenizer", Tokenizer(), "--output", Model, option, value).Refused());

    private static string Tokenizer() => SharedData.Path("tokenizers/llama2");

    private byte[] Weights(string name, string seed)
    {
        var folder = Path.Combine(_root, name);
        ReboundProcess.Run(
            "init", "--tokenizer", Tokenizer(), "--output", folder, "--hidden-size", "8", "--layers", "1", "--heads", "1",
            "--feed-forward-size", "16", "--seed", seed).Succeeded();
        return File.ReadAllBytes(Path.Combine(folder, "model.safetensors"));
    }
}
