using Rebound.Engine.Cuda;

namespace Rebound.Engine;

/// <content>Products and fused operations of few rows, as in decoding.</content>
public sealed unsafe partial class CudaBackend
{
    private const int PlainProductRows = 8;

    private static readonly Kernel SkinnyProductKernel = new("skinny_product", "skinny_product", WaitsItself: true);
    private static readonly Kernel PlainProductKernel = new("plain_product", "plain_product");
    private static readonly Kernel RotaryAppendKernel = new("rotary", "rotary_append", WaitsItself: true);

    protected override void NormLinearForwardCore(Tensor output, in NormedInput input, Tensor weight, Tensor bias)
    {
        if (TakesBlockProduct(input, weight))
        {
            BlockProduct(All(output), input.Input, weight, bias.Address, added: 0, input);
        }
        else if (TakesSkinnyProduct(input, weight))
        {
            SkinnyProduct(output, input.Input, weight, bias.Address, added: 0, input);
        }
        else
        {
            base.NormLinearForwardCore(output, input, weight, bias);
        }
    }

    protected override void NormGatedForwardCore(Tensor output, Tensor gateUp, in NormedInput input, Tensor weight, Tensor bias)
    {
        if (TakesBlockProduct(input, weight) && GateAndUp(weight) is (var gate, var up))
        {
            BlockProduct(
                PlanOf(gate, input.Input.Shape[0], isNormed: true, isGated: true), All(output), input.Input, gate, up.Address, bias.Address,
                added: 0, input);
        }
        else if (TakesSkinnyProduct(input, weight))
        {
            SkinnyProduct(output, input.Input, weight, bias.Address, added: 0, input, gated: true);
        }
        else
        {
            base.NormGatedForwardCore(output, gateUp, input, weight, bias);
        }
    }

    protected override void RotaryAppendCore(
        KeyValuePages cache, Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        MakeCurrent();
        var half = shape.HeadDim / 2;
        var wide = KernelVariant.IsWide(
            queryKeyValue.DType, half, queryKeyValue, cache.Keys, cache.Values, rotary.Cosines, rotary.Sines);
        var (variant, lists) = (new KernelVariant(queryKeyValue.DType, Wide: wide), (CudaBatch)batch);
        Launch(
            RotaryAppendKernel, variant, (batch.TokenCount, 1), (ThreadsFor(shape.FusedHeads * half, variant.Lanes), 1), 0,
            queryKeyValue, cache.Keys, cache.Values, rotary.Cosines, rotary.Sines, lists.Positions, lists.Slots, shape.QueryHeads,
            shape.KeyValueHeads, shape.HeadDim);
    }

    /// <summary>
    /// Products of few rows (<see cref="SkinnyPlan.Takes"/>) are bound by reading the weight, which an own kernel does once; of more rows
    /// cuBLASLt divides the work better. Where a row's bits may not depend on the batch, the own kernels take any number of rows, as
    /// cuBLASLt sums in another order for another number.
    /// </summary>
    private bool TakesSkinnyProduct(Tensor input, Tensor weight) =>
        (_batchInvariant || SkinnyPlan.Takes(input.Shape[0], weight.Shape[0], _multiprocessors))
        && weight.DType == DType.BFloat16 && input.DType == DType.BFloat16 && input.Shape[1] % SkinnyPlan.SlabElements == 0
        && KernelVariant.IsWide(DType.BFloat16, input.Shape[1], input, weight);

    private bool TakesSkinnyProduct(in NormedInput input, Tensor weight) =>
        TakesSkinnyProduct(input.Input, weight) && KernelVariant.IsWide(DType.BFloat16, SkinnyPlan.SlabElements, input.Weight);

    /// <param name="added">What is added, of the output's shape; 0 for none.</param>
    /// <param name="norm">The norm of the input; empty for none.</param>
    private void SkinnyProduct(
        Tensor output, Tensor input, Tensor weight, nint bias, nint added, in NormedInput norm = default, bool gated = false)
    {
        var plan = SkinnyPlan.Of(
            input.Shape[0], output.Shape[1], input.Shape[1], !norm.Weight.IsEmpty, gated, _multiprocessors, _mostSharedBytes);
        SkinnyProduct(plan, output, input, weight, bias, added, norm);
    }

    /// <summary>The product as another plan of the same rows, norm and gate divides it.</summary>
    internal void SkinnyProduct(
        SkinnyPlan plan, Tensor output, Tensor input, Tensor weight, nint bias, nint added, in NormedInput norm)
    {
        var (rows, outer, inner) = (input.Shape[0], output.Shape[1], input.Shape[1]);
        Launch(
            SkinnyProductKernel, new KernelVariant(DType.BFloat16, output.DType, Skinny: plan), plan.Grid(rows, outer), plan.Block,
            plan.SharedBytes, output, input, weight, bias, added, norm.Weight, norm.Epsilon, rows, outer, inner);
    }

    private void PlainProduct(ColumnRange output, ColumnRange input, Tensor weight, nint bias, nint added)
    {
        var (rows, outer, inner) = (input.Matrix.Shape[0], output.Count, input.Count);
        Launch(
            PlainProductKernel, new KernelVariant(input.Matrix.DType, output.Matrix.DType),
            (Blocks(outer, HeadThreads / WarpThreads), Blocks(rows, PlainProductRows)), (HeadThreads, 1), 0,
            AddressOf(output), AddressOf(input), weight, bias, added, rows, outer, inner, output.Matrix.Shape[1], input.Matrix.Shape[1]);
    }
}
