using System.Text.Json.Nodes;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models.Verification;
using Rebound.Testing;

namespace Rebound.Models.Tests;

public sealed class RoundingVerdictTests
{
    private const int BFloat16Bits = 8;
    private const string Norm = "model.layers.1.input_layernorm.weight";

    private static readonly VerificationRow Right = VerificationRow.Compare("grad.x", 1, 1, 1e-4);
    private static readonly VerificationRow Wrong = VerificationRow.Compare("grad.x", 2, 1, 1e-4);

    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("qwen3_qknorm")]
    public void A_model_that_rounds_is_within_what_is_measured_and_one_with_an_error_is_not(string name)
    {
        var folder = SharedData.Path($"golden/models/{name}");
        using var reference = new ReferenceFile(Path.Combine(folder, "expected.safetensors"));
        using var cpu = new CpuBackend(1);
        using var model = GoldenModel(cpu, folder);
        var measurement = RoundingMeasurement.Of(model, model, reference, BFloat16Bits);

        using var device = new RoundingBackend(new CpuBackend(1));
        using var rounded = GoldenModel(device, folder);
        device.Begin(BFloat16Bits, seed: 1000);
        Assert.All(Compare(rounded, reference), row => Assert.InRange(row.NormRelative, double.Epsilon, measurement.AllowedOf(row.Name)));

        // One norm's weights a fifth too large: its gradient, and what comes before it in the backward.
        var weight = rounded.Weights[Norm].AsSpan<float>();
        for (var i = 0; i < weight.Length; i++)
        {
            weight[i] *= 1.2f;
        }

        device.Begin(BFloat16Bits, seed: 1001);
        var wrong = Compare(rounded, reference);
        Assert.All(
            wrong.Where(row => row.Name is "logits" or $"grad.{Norm}" or "grad.model.layers.0.input_layernorm.weight"),
            row => Assert.True(row.NormRelative > measurement.AllowedOf(row.Name), row.ToString()));
    }

    [Theory]
    [InlineData(1.001f)]
    [InlineData(1.02f)]
    [InlineData(1.2f)]
    public void An_error_that_the_CPU_makes_too_is_not_taken_for_rounding(float factor)
    {
        var folder = SharedData.Path("golden/models/llama2_mha");
        using var backend = new CpuBackend(1);
        using var model = GoldenModel(backend, folder);
        foreach (ref var value in model.Weights[Norm].AsSpan<float>())
        {
            value *= factor;
        }

        var rows = ModelVerification.Run(model, Path.Combine(folder, "expected.safetensors"), Generator.Greedy);

        Assert.All(rows.Where(row => row.Name is "logits" or $"grad.{Norm}"), row => Assert.False(row.Passed, row.ToString()));
    }

    [Theory]
    [InlineData(0.2, 0.3, true)]
    [InlineData(0.4, 0.3, false)]
    [InlineData(0.8, 0.9, false)]
    public void In_fp32_what_rounding_explains_decides_where_it_is_little(double error, double allowed, bool passes) =>
        Assert.Equal(passes, RoundingVerdict.Judge(Row(error), new RoundingVerdict(allowed, null), isRounded: false).Passed);

    [Theory]
    [InlineData(0.2, 0.3, true, true)]
    [InlineData(0.2, 0.3, false, false)]
    [InlineData(0.4, 0.3, true, false)]
    [InlineData(0.8, 0.9, true, true)]
    [InlineData(2.0, 0.9, true, true)]
    [InlineData(0.8, 0.9, false, false)]
    public void In_bf16_the_same_in_fp32_has_to_be_right_too_and_decides_alone_where_rounding_explains_much(
        double error, double allowed, bool isRightInFloat32, bool passes)
    {
        var verdict = new RoundingVerdict(allowed, isRightInFloat32 ? Right : Wrong);
        Assert.Equal(passes, RoundingVerdict.Judge(Row(error), verdict, isRounded: true).Passed);
    }

    [Fact]
    public void What_is_measured_says_nothing_of_tokens_merged_weights_and_what_is_no_number()
    {
        Assert.False(RoundingVerdict.IsNeeded(Right));
        Assert.True(RoundingVerdict.IsNeeded(Wrong));
        Assert.False(RoundingVerdict.IsNeeded(Wrong with { Name = "greedy" }));
        Assert.False(RoundingVerdict.IsNeeded(Wrong with { Name = "merged_logits" }));
        Assert.False(RoundingVerdict.IsNeeded(VerificationRow.Compare("loss", double.NaN, 1, 1)));
        Assert.False(RoundingVerdict.IsNeeded(VerificationRow.Failed("grad.x", "[1]", 1, "is not known")));
    }

    [Fact]
    public void Products_of_fp32_lose_as_many_bits_as_their_sums_have_terms()
    {
        using var cpu = new CpuBackend(1);
        using var model = LlamaModel.Initialize(cpu, TinyModel.Config(), seed: 1); // 48 terms at most: √48 < 2³
        Assert.Equal(21, RoundingMeasurement.BitsOf(model));
    }

    private static LlamaModel GoldenModel(Backend backend, string folder)
    {
        var path = Path.Combine(folder, "config.json");
        var config = LlamaConfig.Parse(JsonNode.Parse(File.ReadAllText(path))!.AsObject(), path);
        using var tensors = new SafetensorsFolder(folder);
        return LlamaModel.Load(backend, config, tensors);
    }

    private static VerificationRow Row(double error) => Wrong with { NormRelative = error };

    private static VerificationRow[] Compare(LlamaModel model, ReferenceFile reference) =>
    [
        .. ModelVerification.Compare(
            model, reference, reference.Expected.Where(tensor => ModelResults.IsOfModel(tensor.Name)), RoundingTolerance.Of(1e-4)),
    ];
}
