using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Parameters;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class ParameterTests
{
    [Fact]
    public void Checkpoint_tensors_are_rows_of_the_fused_matrices()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config("qwen2"), seed: 3);
        var table = model.Weights.Table;

        Assert.True(table.TryFind("model.layers.1.self_attn.v_proj.weight", out var value));
        Assert.Equal("model.layers.1.self_attn.qkv_proj.weight", table.Parameters[value.Parameter].Name);
        Assert.Equal((32 + 16, new Shape(16, 32)), (value.FirstRow, value.Shape));
        Assert.True(table.TryFind("model.layers.0.self_attn.k_proj.bias", out var bias));
        Assert.Equal((32, new Shape(16)), (bias.FirstRow, bias.Shape));
        Assert.Equal(table.Count, table.Slices.Sum(slice => slice.Shape.Count));
    }

    [Fact]
    public void Weights_load_as_they_were_read()
    {
        using var backend = new CpuBackend();
        var config = TinyModel.Config("qwen3");
        using var first = LlamaModel.Initialize(backend, config, seed: 3);
        using var second = LlamaModel.Load(backend, config, first.Weights);

        Assert.All(first.Weights.Table.Slices, slice => Assert.Equal(Values(first, slice.Name), Values(second, slice.Name)));
    }

    [Fact]
    public void A_tied_checkpoint_may_repeat_the_head_and_an_old_one_its_frequencies()
    {
        using var backend = new CpuBackend();
        var config = TinyModel.Config(change: json => json["tie_word_embeddings"] = true);
        using var model = LlamaModel.Initialize(backend, config, seed: 3);
        using var source = new ChangedSource(model.Weights, tensors =>
        {
            tensors.Add("lm_head.weight", new StoredTensor("lm_head.weight", [TinyModel.Vocabulary, 32], "F32"));
            tensors.Add(
                "model.layers.0.self_attn.rotary_emb.inv_freq",
                new StoredTensor("model.layers.0.self_attn.rotary_emb.inv_freq", [4], "F32"));
        });

        using var loaded = LlamaModel.Load(backend, config, source);

        Assert.Equal(Values(model, "model.embed_tokens.weight"), Values(loaded, "lm_head.weight"));
    }

    [Fact]
    public void Missing_unknown_and_misshapen_tensors_are_listed_together()
    {
        using var backend = new CpuBackend();
        var config = TinyModel.Config();
        using var model = LlamaModel.Initialize(backend, config, seed: 3);
        using var source = new ChangedSource(model.Weights, tensors =>
        {
            tensors.Remove("lm_head.weight");
            tensors["model.norm.weight"] = new StoredTensor("model.norm.weight", [33], "F32");
            tensors.Add("model.layers.2.input_layernorm.weight", new StoredTensor("model.layers.2.input_layernorm.weight", [32], "F32"));
        });

        var exception = Assert.Throws<CheckpointException>(() => LlamaModel.Load(backend, config, source));

        Assert.Contains("missing: lm_head.weight", exception.Message);
        Assert.Contains("model.layers.2.input_layernorm.weight", exception.Message);
        Assert.Contains("model.norm.weight is [33] instead of [32]", exception.Message);
    }

    [Fact]
    public void Random_weights_have_the_deviation_asked_for_and_depend_on_the_seed_alone()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 3);
        using var same = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 3);
        using var other = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 4);
        const string Name = "model.embed_tokens.weight";
        var values = Values(model, Name);

        // The standard error of a deviation from n values is σ / √(2n), of a mean σ / √n; five of them are allowed.
        var error = 0.2 / Math.Sqrt(values.Length);
        Assert.Equal(0, values.Average(), 5 * error);
        Assert.Equal(0.2, Math.Sqrt(values.Average(value => value * value)), 5 * error / Math.Sqrt(2));
        Assert.Equal(values, Values(same, Name));
        Assert.NotEqual(values, Values(other, Name));
        Assert.All(Values(model, "model.norm.weight"), value => Assert.Equal(1, value));
    }

    /// <summary>The embedding is longer than what is drawn before it is written.</summary>
    [Fact]
    public void Random_weights_are_those_of_a_single_thread_however_many_draw_them()
    {
        const int Rows = 270_003, Columns = 16;
        using var backend = new CpuBackend();
        var config = TinyModel.Config(change: json =>
        {
            json["vocab_size"] = Rows;
            json["hidden_size"] = Columns;
            json["tie_word_embeddings"] = true;
        });
        using var model = LlamaModel.Initialize(backend, config, seed: 3);

        foreach (var name in (string[])["model.embed_tokens.weight", "model.layers.1.mlp.down_proj.weight"])
        {
            var random = new CounterRandom(3, (ulong)model.Weights.Table.IndexOf(name));
            var values = Values(model, name);
            Assert.Equal(
                [.. Enumerable.Range(0, values.Length).Select(i => config.InitializerRange * (float)random.Normal((ulong)i))], values);
        }
    }

    private static float[] Values(LlamaModel model, string name)
    {
        var tensor = model.Weights[name];
        return tensor.AsSpan<float>().ToArray();
    }

    /// <summary>A source that says something else about its tensors.</summary>
    private sealed class ChangedSource : ITensorSource
    {
        private readonly ParameterSet _set;

        public ChangedSource(ParameterSet set, Action<Dictionary<string, StoredTensor>> change)
        {
            _set = set;
            var tensors = set.Tensors.ToDictionary();
            change(tensors);
            Tensors = tensors;
        }

        public string Location => "changed";

        public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

        public void Read(string name, Span<float> destination) => _set.Read(name, destination);

        public void Dispose()
        {
        }
    }
}
