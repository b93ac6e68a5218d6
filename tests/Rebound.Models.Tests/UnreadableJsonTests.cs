using System.Text;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>JSON beside a model that is no Unicode, or nests without end, gets a sentence with its file and the place in it.</summary>
public sealed class UnreadableJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public UnreadableJsonTests()
    {
        using var backend = new CpuBackend(1);
        using var model = LoraModel.Create(backend, TinyModel.Config(), new LoraSettings { Rank = 2 });
        HuggingFaceFolder.Write(
            _folder.File("model"), model.Config.ToJson(), model.Weights, TokenizerSource.Of([], []), new() { MaxShardBytes = 20_000 });
        AdapterFolder.Write(_folder.File("adapter"), model.Adapter!, "../model");
    }

    public static TheoryData<string, string, string> Cases()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var file in (string[])
            ["model/config.json", "model/generation_config.json", "model/tokenizer_config.json", "model/model.safetensors.index.json",
                "adapter/adapter_config.json"])
        {
            data.Add(file, "{\n\"a\": \"\\ud800\"}", "line 2");
            data.Add(file, "{\n\"\\udc00\": 1}", "line 2");
            data.Add(file, "{\n\"a\": \"\u00FF\"}", "line 2");
            data.Add(file, $"{{\"a\": {new string('[', 100_000)}", "nests more than 200 deep");
            data.Add(file, "\u00FF\u00FE{", "UTF-16");
        }

        return data;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_file_and_the_place_are_named(string file, string content, string place)
    {
        // Latin 1 spells the bytes of invalid UTF-8.
        File.WriteAllBytes(_folder.File(file), Encoding.Latin1.GetBytes(content));

        var exception = Assert.Throws<CheckpointException>(() =>
        {
            using var source = ModelSource.Open(_folder.File("model"), _folder.File("adapter"));
            return source.TokenizerConfigJson;
        });

        Assert.Equal(_folder.File(file), exception.Path);
        Assert.Contains(place, exception.Message);
    }
}
