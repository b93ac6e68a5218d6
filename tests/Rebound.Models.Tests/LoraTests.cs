using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Models.Verification;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class LoraTests
{
    // As in GradientTests: the loss of a batch is exact to about 1e-5, and a step changes it by 0.04.
    private const double LossChange = 0.02;
    private const double GradientTolerance = 0.01;

    [Fact]
    public void Models_that_share_weights_compute_what_each_would_with_its_own()
    {
        using var backend = new CpuBackend(1);
        using var plain = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 3);
        using var own = LoraModel.Create(backend, TinyModel.Config(), LoraModel.Mixed());
        var alone = LoraModel.Logits(plain);
        using (var shared = own.Share(LoraModel.Trained(LoraAdapter.Initialize(backend, TinyModel.Config(), LoraModel.Mixed(), seed: 3))))
        {
            Assert.Same(own.Weights, shared.Weights);
            Assert.NotEqual(own.Version, shared.Version);
            Assert.Equal(LoraModel.Logits(own), LoraModel.Logits(shared));
        }

        using var bare = own.Share(adapter: null);
        Assert.Equal(alone, LoraModel.Logits(bare));
        Assert.NotEqual(alone, LoraModel.Logits(own));
    }

    [Fact]
    public void Logits_loss_gradients_and_merged_logits_are_those_of_PEFT()
    {
        using var source = ModelSource.Open(SharedData.Path("golden/lora/base"), SharedData.Path("golden/lora/adapter"));
        using var backend = new CpuBackend();
        using var model = source.Load(backend);

        var rows = ModelVerification.Run(model, SharedData.Path("golden/lora/expected.safetensors"), Generator.Greedy);

        Assert.Equal(11, rows.Count);
        Assert.All(rows, row => Assert.True(row.Passed, row.ToString()));
    }

    [Fact]
    public void What_is_verified_drops_nothing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("adapter_model.safetensors", File.ReadAllBytes(SharedData.Path("golden/lora/adapter/adapter_model.safetensors")));
        var config = JsonNode.Parse(File.ReadAllText(SharedData.Path("golden/lora/adapter/adapter_config.json")))!;
        config["lora_dropout"] = 0.5;
        folder.Write("adapter_config.json", config.ToJsonString());
        using var source = ModelSource.Open(SharedData.Path("golden/lora/base"), folder.Path);
        using var backend = new CpuBackend();
        using var model = source.Load(backend);

        Assert.All(
            ModelVerification.Run(model, SharedData.Path("golden/lora/expected.safetensors"), Generator.Greedy),
            row => Assert.True(row.Passed, row.ToString()));
    }

    [Theory]
    [InlineData("llama", 0)]
    [InlineData("llama", 0.3f)]
    [InlineData("qwen3", 0)]
    [InlineData("qwen3", 0.5f)]
    public void The_loss_changes_along_every_gradient_as_the_gradient_says(string type, float dropout)
    {
        const ulong Seed = 12;
        var config = TinyModel.Config(type, json => json["attention_bias"] = true);
        using var backend = new CpuBackend();
        using var model = LoraModel.Create(backend, config, LoraModel.Mixed(dropout));
        using var gradients = model.CreateGradients();
        using var unused = model.CreateGradients();
        var batch = LoraModel.Batch();
        model.LossAndGradients(batch, gradients, 1, Seed);

        Assert.Equal(2 * 2 * 7, model.Trainable.Table.Slices.Count);
        Assert.All(model.Trainable.Table.Slices, slice =>
        {
            var values = model.Trainable[slice].AsSpan<float>().ToArray();
            var direction = gradients[slice].AsSpan<float>().ToArray();
            var norm = Math.Sqrt(direction.Sum(value => (double)value * value));
            Assert.True(norm > 0, slice.Name);
            var step = LossChange / norm;

            var change = LossAt(+step / norm) - LossAt(-step / norm);

            Assert.True(Math.Abs((change / (2 * LossChange)) - 1) < GradientTolerance, $"{slice.Name}: {change} for {2 * LossChange}");
            LossAt(0);

            double LossAt(double factor)
            {
                float[] moved = [.. values.Zip(direction, (value, along) => (float)(value + (factor * along)))];
                backend.CopyFromHost<float>(model.Trainable[slice], moved);
                return model.LossAndGradients(batch, unused, 1, Seed);
            }
        });
    }

    [Theory]
    [InlineData("q,v")]
    [InlineData("k_proj")]
    [InlineData("down")]
    [InlineData(@".*layers\.1\..*(o|up)_proj")]
    public void Gradients_do_not_depend_on_which_other_layers_have_an_adapter(string targets)
    {
        var settings = new LoraSettings { Rank = 4, Alpha = 6 };
        using var backend = new CpuBackend();
        using var all = LoraModel.Create(backend, TinyModel.Config(), settings);
        using var some = LoraModel.Create(backend, TinyModel.Config(), settings with { Targets = LoraTargets.Parse(targets) });
        foreach (var slice in all.Trainable.Table.Slices)
        {
            // What is not adapted in one model does nothing in the other.
            if (some.Trainable.Table.TryFind(slice.Name, out var same))
            {
                all.Trainable[slice].AsSpan<float>().CopyTo(some.Trainable[same].AsSpan<float>());
            }
            else if (slice.Name.Contains("lora_B", StringComparison.Ordinal))
            {
                backend.Fill(all.Trainable[slice], 0);
            }
        }

        using var ofAll = all.CreateGradients();
        using var ofSome = some.CreateGradients();
        var loss = all.LossAndGradients(LoraModel.Batch(), ofAll, 1);

        Assert.Equal(loss, some.LossAndGradients(LoraModel.Batch(), ofSome, 1), loss * 1e-6);
        Assert.All(ofSome.Table.Slices, slice => AssertClose(slice.Name, Read(ofAll, slice.Name), Read(ofSome, slice.Name)));
    }

    [Fact]
    public void A_new_adapter_changes_nothing_and_its_A_is_uniform_and_its_B_zero()
    {
        using var backend = new CpuBackend();
        using var plain = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 3);
        using var adapted = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 3);
        adapted.Attach(LoraAdapter.Initialize(backend, TinyModel.Config(), new LoraSettings { Rank = 32 }, seed: 1));

        Assert.Equal(LoraModel.Logits(plain), LoraModel.Logits(adapted));
        foreach (var module in adapted.Adapter!.Layout.Modules)
        {
            var bound = 1 / Math.Sqrt(module.Weight.Shape[1]);
            var down = Read(adapted.Trainable, module.DownName);
            Assert.All(down, value => Assert.InRange(value, -bound, bound));

            // The variance of a uniform distribution is bound²/3; of its n squares' mean the deviation is about 0.9/√n of it.
            Assert.Equal(bound * bound / 3, down.Average(value => (double)value * value), 5 * 0.3 * bound * bound / Math.Sqrt(down.Length));
            Assert.All(Read(adapted.Trainable, module.UpName), value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_adapter_and_another_gives_another()
    {
        using var backend = new CpuBackend();
        float[][] adapters = [.. new ulong[] { 1, 1, 2 }.Select(seed =>
        {
            using var adapter = LoraAdapter.Initialize(backend, TinyModel.Config(), new LoraSettings(), seed);
            return Read(adapter.Parameters, adapter.Layout.Modules[5].DownName);
        })];
        Assert.Equal(adapters[0], adapters[1]);
        Assert.NotEqual(adapters[0], adapters[2]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Merging_equals_the_adapter_beside_the_weights(bool rankStabilized)
    {
        using var backend = new CpuBackend();
        using var model = LoraModel.Create(backend, TinyModel.Config("qwen2"), LoraModel.Mixed() with { RankStabilized = rankStabilized });
        using var merged = LlamaModel.Load(backend, model.Config, new MergedTensors(model.Weights, model.Adapter!));
        using var plain = LlamaModel.Load(backend, model.Config, model.Weights);

        var expected = LoraModel.Logits(model);
        AssertClose("logits", expected, LoraModel.Logits(merged));
        Assert.True(expected.Zip(LoraModel.Logits(plain), (a, b) => Math.Abs(a - b)).Max() > 0.1 * expected.Max(Math.Abs));
    }

    [Fact]
    public void Dropout_follows_its_seed_and_vanishes_outside_of_training()
    {
        using var backend = new CpuBackend();
        using var model = LoraModel.Create(backend, TinyModel.Config(), LoraModel.Mixed(dropout: 0.4f));
        using var without = LoraModel.Create(backend, TinyModel.Config(), LoraModel.Mixed());
        using var gradients = model.CreateGradients();
        double Loss(ulong seed) => model.LossAndGradients(LoraModel.Batch(), gradients, 1, seed);

        Assert.Equal(Loss(1), Loss(1));
        Assert.NotEqual(Loss(1), Loss(2));
        Assert.NotEqual(without.Loss(LoraModel.Batch()), Loss(1));
        Assert.Equal(without.Loss(LoraModel.Batch()), model.Loss(LoraModel.Batch()));
        Assert.Equal(LoraModel.Logits(without), LoraModel.Logits(model));
    }

    [Fact]
    public void An_adapter_keeps_what_full_training_does_and_its_own()
    {
        const int Tokens = 64;
        using var backend = new CpuBackend();
        var config = TinyModel.Config();
        long Bytes(string targets, float dropout = 0) => LlamaModel.WorkspaceBytes(
            backend, config, Tokens, backward: true,
            LoraLayout.For(config, new LoraSettings { Rank = 1, Targets = LoraTargets.Parse(targets), Dropout = dropout }));

        var full = LlamaModel.WorkspaceBytes(backend, config, Tokens, backward: true);
        var each = config.Layers * Tokens * sizeof(float);
        Assert.Equal(full + each, Bytes("down"));
        Assert.Equal(full + (3 * each), Bytes("q,v,o"));
        Assert.Equal(Bytes("q") + (Tokens * config.HiddenSize * sizeof(float)), Bytes("q", dropout: 0.1f));
    }

    [Fact]
    public void A_training_pass_allocates_nothing_after_the_first()
    {
        using var backend = new CpuBackend(1);
        using var model = LoraModel.Create(backend, TinyModel.Config(), LoraModel.Mixed(dropout: 0.1f));
        using var gradients = model.CreateGradients();
        var batch = LoraModel.Batch();
        model.LossAndGradients(batch, gradients, 1, 1);
        model.LossAndGradients(batch, gradients, 1, 2);

        var before = GC.GetAllocatedBytesForCurrentThread();
        model.LossAndGradients(batch, gradients, 1, 3);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void An_adapter_of_another_model_is_refused_with_its_tensors()
    {
        using var backend = new CpuBackend();
        using var adapter = LoraAdapter.Initialize(backend, TinyModel.Config(), new LoraSettings { Rank = 2 }, seed: 1);
        var deeper = TinyModel.Config(change: json => json["num_hidden_layers"] = 3);
        var wider = TinyModel.Config(change: json => json["intermediate_size"] = JsonValue.Create(64));

        var missing = Assert.Throws<CheckpointException>(() =>
            LoraAdapter.Load(backend, deeper, new LoraSettings { Rank = 2 }, adapter.Parameters));
        var misshapen = Assert.Throws<CheckpointException>(() =>
            LoraAdapter.Load(backend, wider, new LoraSettings { Rank = 2 }, adapter.Parameters));
        var unknown = Assert.Throws<CheckpointException>(() => LoraAdapter.Load(
            backend, TinyModel.Config(), new LoraSettings { Rank = 2, Targets = LoraTargets.Parse("q") }, adapter.Parameters));

        Assert.Contains("base_model.model.model.layers.2.mlp.down_proj.lora_A.weight", missing.Message);
        Assert.Contains("gate_proj.lora_B.weight is [48, 2] instead of [64, 2]", misshapen.Message);
        Assert.Contains("k_proj.lora_A.weight", unknown.Message);
    }

    private static float[] Read(ParameterSet set, string name)
    {
        var values = new float[set[name].Count];
        set.Read(name, values);
        return values;
    }

    /// <summary>fp32 sums in another order: a few dozen roundings of 2⁻²³ relative to the largest value.</summary>
    private static void AssertClose(string name, float[] expected, float[] actual)
    {
        var largest = expected.Max(Math.Abs);
        var difference = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(difference <= 64 * 1.2e-7 * largest, $"{name}: {difference} of {largest}");
    }
}
