using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models.Verification;
using Rebound.Testing;

namespace Rebound.Models.Tests;

/// <summary>Models that come from GGUF files compute what transformers computes from the same weights.</summary>
public sealed class GgufModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama3_gqa_ropescaled")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    public void A_converted_model_gives_the_reference_answers(string name)
    {
        var folder = SharedData.Path($"golden/models/{name}");
        using var backend = new CpuBackend();
        using var source = ModelSource.Open(_folder.Write("m.gguf", GgufModels.FromFolder(folder).Build()));
        using var model = LlamaModel.Load(backend, source.Config, source.Tensors);
        var rows = ModelVerification.Run(model, Path.Combine(folder, "expected.safetensors"), Generator.Greedy);
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row.Passed, row.ToString()));
    }

    /// <summary>Every dequantized and reordered weight of the published model takes part in its logits.</summary>
    [Fact]
    public void The_published_model_gives_the_reference_logits()
    {
        using var reference = new SafetensorsFile(SharedData.Path("golden/smollm2/expected.safetensors"));
        using var backend = new CpuBackend();
        using var source = ModelSource.Open(SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        using var model = LlamaModel.Load(backend, source.Config, source.Tensors);
        var expected = new float[reference.Tensors["logits"].Count];
        reference.Read("logits", expected);
        var actual = new float[expected.Length];
        var ids = reference.ReadInt32("input_ids");
        model.Logits(new PackedBatch(ids, [0, ids.Length]), actual);
        var row = VerificationRow.Compare("logits", "", actual, expected, tolerance: 1e-4);
        Assert.True(row.Passed, row.ToString());
    }
}
