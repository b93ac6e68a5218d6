using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>A head in the file of a model whose configuration ties it: tied where it is the embedding, its own where it differs.</summary>
public sealed class TiedHeadTests : IDisposable
{
    private const string Head = "lm_head.weight";

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_reported_models_head_of_zeros_gives_logits_of_zero()
    {
        using var source = ModelSource.Open(SharedData.Path("cases/models/tied_head"));
        Assert.False(source.Config.TieWordEmbeddings);
        Assert.Contains("lm_head.weight is there and differs", Assert.Single(source.Warnings));
        using var model = source.Load(_backend);
        var logits = new float[3 * source.Config.VocabularySize];
        model.Logits(new PackedBatch([1, 5, 9], [0, 3]), logits);
        Assert.All(logits, logit => Assert.Equal(0, logit));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Another_head_is_kept_through_opening_merging_and_opening_again(bool gguf)
    {
        var expected = Write(head => head[^1] += 1, gguf);
        using var source = Open(adapter: true);
        Assert.False(source.Config.TieWordEmbeddings);
        Assert.Contains("'tie_word_embeddings' should be false", Assert.Single(source.Warnings));

        AdapterMerge.Write(_backend, source, _folder.File("merged"), StoredFloatType.F32, overwrite: false);

        using var merged = ModelSource.Open(_folder.File("merged"));
        Assert.False(merged.Config.TieWordEmbeddings);
        Assert.Empty(merged.Warnings);
        var actual = new float[expected.Length];
        merged.Tensors.Read(Head, actual);
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_same_head_is_tied_without_a_word(bool gguf)
    {
        Write(_ => { }, gguf);
        using var source = Open(adapter: false);
        Assert.True(source.Config.TieWordEmbeddings);
        Assert.Empty(source.Warnings);
        using var model = source.Load(_backend);
        Assert.DoesNotContain(model.Weights.Table.Slices, slice => slice.Name == Head);
    }

    [Fact]
    public void A_head_of_another_shape_is_not_tied_and_refused_by_its_shape()
    {
        Write(_ => { }, gguf: false, rows: TinyModel.Vocabulary - 1);
        using var source = Open(adapter: false);
        Assert.Contains("lm_head.weight is [60, 32]", Assert.Throws<CheckpointException>(() => source.Load(_backend)).Message);
    }

    private ModelSource Open(bool adapter) =>
        adapter ? ModelSource.Open(_folder.File("model"), _folder.File("adapter")) : ModelSource.Open(_folder.File("model"));

    /// <summary>
    /// A model whose config.json ties the head, with a head beside it that is the embedding but for a change, and an adapter.
    /// </summary>
    private float[] Write(Action<float[]> change, bool gguf, int rows = TinyModel.Vocabulary)
    {
        var json = TinyModel.Json(change: json => json["tie_word_embeddings"] = true);
        using var model = LoraModel.Create(_backend, LlamaConfig.Parse(json, "config.json"), new LoraSettings { Rank = 2 });
        using var tensors = new ArrayTensors();
        foreach (var slice in model.Weights.Table.Slices)
        {
            var values = new float[slice.Shape.Count];
            model.Weights.Read(slice.Name, values);
            tensors.Add(slice.Name, [.. Enumerable.Range(0, slice.Shape.Rank).Select(dimension => (long)slice.Shape[dimension])], values);
        }

        var head = tensors["model.embed_tokens.weight"][..(rows * 32)];
        change(head);
        tensors.Add(Head, [rows, 32], head);
        AdapterFolder.Write(_folder.File("adapter"), model.Adapter!, "../model");
        Directory.CreateDirectory(_folder.File("model"));
        SafetensorsWriter.WriteFolder(_folder.File("model"), tensors, tensors.Tensors.Keys, StoredFloatType.F32, maxShardBytes: 20_000);
        WriteConfig(json);
        if (gguf)
        {
            ReplaceByGguf(json);
        }

        return head;
    }

    private void ReplaceByGguf(JsonObject json)
    {
        json["rope_parameters"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 10000.0 };
        json["rms_norm_eps"] = 1e-6;
        WriteConfig(json);
        var built = GgufModels.FromFolder(_folder.File("model")).Build();
        foreach (var file in Directory.GetFiles(_folder.File("model"), "*.safetensors*"))
        {
            File.Delete(file);
        }

        _folder.Write("model/model.gguf", built);
    }

    private void WriteConfig(JsonObject json) => _folder.Write("model/config.json", json.ToJsonString());
}
