using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class NotFiniteTests : IDisposable
{
    private readonly CpuBackend _backend = new(1);

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData("model.layers.1.mlp.up_proj.weight", float.NaN, "up_proj.weight has NaN at [0, 3]")]
    [InlineData("model.norm.weight", float.PositiveInfinity, "model.norm.weight has infinity at [3]")]
    [InlineData("lm_head.weight", float.NegativeInfinity, "lm_head.weight has -infinity at [0, 3]")]
    public void Weights_that_are_no_numbers_end_a_generation_by_name(string tensor, float value, string expected)
    {
        using var model = LlamaModel.Initialize(_backend, TinyModel.Config(), seed: 1);
        model.Weights[tensor].AsSpan<float>()[3] = value;
        Assert.Contains(expected, Problem(model, temperature: 0));
        Assert.Contains(expected, Problem(model, temperature: 1));
    }

    [Fact]
    public void An_adapters_are_named_as_its_own()
    {
        using var model = LoraModel.Create(_backend, TinyModel.Config(), new LoraSettings { Rank = 2 });
        model.Adapter!.Parameters[0].AsSpan<float>()[0] = float.NaN;
        Assert.Contains("the adapter's tensor base_model.model.model.layers.0", Problem(model, temperature: 0));
    }

    [Fact]
    public void Logits_that_leave_the_range_of_the_type_are_told_from_damaged_weights()
    {
        using var model = LlamaModel.Initialize(_backend, TinyModel.Config(), seed: 1);
        foreach (ref var weight in model.Weights["lm_head.weight"].AsSpan<float>())
        {
            weight *= 1e38f;
        }

        model.Weights["model.norm.weight"].AsSpan<float>().Fill(1e3f);
        Assert.Contains("weights are all finite", Problem(model, temperature: 0));
    }

    private static string Problem(LlamaModel model, float temperature)
    {
        var options = new GenerationOptions { MaxNewTokens = 3, Sampling = new SamplingOptions { Temperature = temperature } };
        return Assert.Throws<NotFiniteException>(() => new Generator(model, null, 1).Generate([[1, 2, 3]], options)).Message;
    }
}
