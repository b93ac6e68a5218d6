using Rebound.Engine;
using Rebound.Engine.Tests.Conformance;
using Rebound.Engine.Tests.Reference;

namespace Rebound.Gpu.Tests;

/// <summary>What the conformance suite does not reach: gradients of fp32 beside bf16, and sizes of real training.</summary>
public sealed class MixedPrecisionTests : IDisposable
{
    private readonly CudaBackend _backend = Gpu.Shared;
    private readonly GuardedMemory _memory;

    public MixedPrecisionTests() => _memory = new GuardedMemory(_backend, DType.BFloat16);

    [Theory]
    [InlineData(17, 19, 23)]
    [InlineData(64, 128, 256)]
    public void Weight_gradients_of_bf16_activations_may_be_fp32(int rows, int inner, int outer)
    {
        var (input, dOutput) = (Normal(rows * inner, 1), Normal(rows * outer, 2));
        var (dWeight, dBias) = (_memory.GarbageFloats(outer, inner), _memory.GarbageFloats(outer));
        _backend.LinearBackwardWeight(dWeight, dBias, _memory.Of(dOutput, rows, outer), _memory.Of(input, rows, inner));
        var expected = ScalarReference.LinearBackward(dOutput, input, new double[outer * inner], inner, outer);
        AssertAdded(expected.DWeight, dWeight, rows);
        AssertAdded(expected.DBias, dBias, rows);

        var (weight, reciprocal, dNorm) = (Normal(inner, 3, mean: 1), _memory.GarbageFloats(rows), _memory.GarbageFloats(inner));
        var (inputTensor, weightTensor) = (_memory.Of(input, rows, inner), _memory.Of(weight, inner));
        var dNormed = Normal(rows * inner, 4);
        _backend.RmsNormForward(_memory.Garbage(rows, inner), reciprocal, inputTensor, weightTensor, 1e-5f);
        _backend.RmsNormBackward(
            _memory.Garbage(rows, inner), dNorm, default, _memory.Of(dNormed, rows, inner), inputTensor, weightTensor, reciprocal);
        AssertAdded(ScalarReference.RmsNormBackward(dNormed, input, weight, 1e-5f).DWeight, dNorm, rows);

        var (batch, dTable) = (Numbers.Batch([rows], 11), _memory.GarbageFloats(11, inner));
        using var prepared = _backend.Prepare(batch);
        _backend.EmbeddingBackward(dTable, _memory.Of(dNormed, rows, inner), prepared);
        AssertAdded(ScalarReference.EmbeddingBackward(dNormed, batch.Tokens, inner, 11), dTable, rows);
    }

    [Fact]
    public void A_product_large_enough_to_be_measured_matches_the_reference()
    {
        const int Rows = 1024, Inner = 512, Outer = 1024;
        var (input, weight) = (Normal(Rows * Inner, 1), Normal(Outer * Inner, 2));
        var (output, added) = (_memory.Garbage(Rows, Outer), _memory.Garbage(Rows, Outer));
        var (inputTensor, weightTensor) = (_memory.Of(input, Rows, Inner), _memory.Of(weight, Outer, Inner));
        _backend.LinearForward(output, inputTensor, weightTensor, default);
        _backend.LinearForward(added, inputTensor, weightTensor, default, accumulate: true);
        var expected = ScalarReference.LinearForward(input, weight, null, Inner, Outer);
        Close.Assert(expected, _memory.Read(output), Inner, "output", DType.BFloat16);
        Close.Assert(expected.Plus(_memory.GarbageValues(Rows * Outer)), _memory.Read(added), Inner, "output +=", DType.BFloat16);
    }

    [Theory]
    [InlineData(2, 2, 128, 0)]
    [InlineData(4, 1, 64, 0)]
    [InlineData(3, 1, 96, 300)]
    public void Tensor_core_attention_over_long_documents_matches_the_plain_kernel_in_fp32(
        int heads, int keyValueHeads, int headDim, int window)
    {
        var shape = new AttentionShape(heads, keyValueHeads, headDim, 1 / MathF.Sqrt(headDim), window);
        var batch = Numbers.Batch([1551, 444, 63, 900]);
        var fused = Normal(batch.TokenCount * shape.FusedHeads * headDim, 1);
        var dOutput = Normal(batch.TokenCount * heads * headDim, 2);
        var (plain, fast) = (Attention(new GuardedMemory(_backend), fused, dOutput, batch, shape),
            Attention(_memory, fused, dOutput, batch, shape));
        Close.Assert(plain.Output, fast.Output, batch.LongestDocument, "output", DType.BFloat16);
        Close.Assert(plain.LogSumExp, fast.LogSumExp, batch.LongestDocument, "logSumExp");
        Close.Assert(plain.DFused, fast.DFused, batch.LongestDocument, "dQueryKeyValue", DType.BFloat16);
    }

    public void Dispose()
    {
        _memory.AssertCanaries();
        _memory.Dispose();
    }

    private (double[] Output, double[] LogSumExp, double[] DFused) Attention(
        GuardedMemory memory, double[] fused, double[] dOutput, PackedBatch batch, AttentionShape shape)
    {
        var rows = batch.TokenCount;
        using var prepared = _backend.Prepare(batch);
        var fusedTensor = memory.Of(fused, rows, shape.FusedHeads, shape.HeadDim);
        var (output, sums) = (memory.Garbage(rows, shape.QueryHeads, shape.HeadDim), memory.GarbageFloats(rows, shape.QueryHeads));
        var dFused = memory.Garbage(rows, shape.FusedHeads, shape.HeadDim);
        _backend.AttentionForward(output, sums, fusedTensor, prepared, shape);
        _backend.AttentionBackward(
            dFused, memory.Of(dOutput, rows, shape.QueryHeads, shape.HeadDim), output, sums, fusedTensor, prepared, shape);
        return (memory.Read(output), memory.Read(sums), memory.Read(dFused));
    }

    private void AssertAdded(double[] expected, Tensor actual, int length) =>
        Close.Assert(expected.Plus(_memory.GarbageValues(expected.Length)), _memory.Read(actual), length, actual.ToString());

    private static double[] Normal(int count, int seed, double mean = 0) =>
        Precision.Round(Numbers.Normal(count, seed, mean: mean), DType.BFloat16);
}
