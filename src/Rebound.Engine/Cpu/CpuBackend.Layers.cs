using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    /// <summary>Columns that one thread sums over all rows: a few cache lines.</summary>
    private const int ColumnsOfPart = 128;

    protected override void EmbeddingForwardCore(Tensor output, Tensor weight, PreparedBatch batch) =>
        CopyRows(output, MatrixView.Of(weight), ((CpuBatch)batch).Tokens);

    protected override void EmbeddingBackwardCore(Tensor dWeight, Tensor dOutput, PreparedBatch batch)
    {
        var width = dWeight.Shape[1];
        fixed (int* tokens = batch.Batch.Tokens)
        {
            var kernel = new EmbeddingBackwardKernel
            {
                DWeight = Floats(dWeight),
                DOutput = Floats(dOutput),
                Tokens = tokens,
                Count = batch.TokenCount,
                Width = width,
            };
            Rows.RunFixed(_pool, kernel, width, ColumnsOfPart);
        }
    }

    protected override void RmsNormForwardCore(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        var (tokens, hidden) = (input.Shape[0], input.Shape[1]);
        var kernel = new RmsNormForwardKernel
        {
            Output = Floats(output),
            ReciprocalRms = Floats(reciprocalRms),
            Input = Floats(input),
            Weight = Floats(weight),
            Width = hidden,
            Epsilon = epsilon,
        };
        Rows.Run(_pool, kernel, tokens, 2L * hidden * sizeof(float));
    }

    protected override void RmsNormBackwardCore(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        var (tokens, hidden) = (input.Shape[0], input.Shape[1]);
        var parts = Rows.Parts(tokens, RmsNormBackwardKernel.PartRows);
        var kernel = new RmsNormBackwardKernel
        {
            DInput = Floats(dInput),
            DWeightOfPart = dWeight.IsEmpty ? null : _workspace.Floats((long)parts * hidden),
            Output = Floats(output),
            DOutput = Floats(dOutput),
            Input = Floats(input),
            Weight = Floats(weight),
            ReciprocalRms = Floats(reciprocalRms),
            Width = hidden,
        };
        Rows.RunFixed(_pool, kernel, tokens, RmsNormBackwardKernel.PartRows);
        if (!dWeight.IsEmpty)
        {
            var sum = new SumPartsKernel { Into = Floats(dWeight), Parts = kernel.DWeightOfPart, Count = parts, Width = hidden };
            Rows.RunFixed(_pool, sum, hidden, ColumnsOfPart);
        }
    }

    protected override void QueryKeyNormForwardCore(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon)
    {
        var tokens = input.Shape[0];
        var kernel = new QueryKeyNormForwardKernel
        {
            Output = Floats(output),
            ReciprocalRms = Floats(reciprocalRms),
            Input = Floats(input),
            QueryWeight = Floats(queryWeight),
            KeyWeight = Floats(keyWeight),
            Shape = shape,
            Epsilon = epsilon,
        };
        Rows.Run(_pool, kernel, tokens, 2 * input.Shape.RowLength * sizeof(float));
    }

    protected override void QueryKeyNormBackwardCore(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape)
    {
        var tokens = input.Shape[0];
        var parts = Rows.Parts(tokens, QueryKeyNormBackwardKernel.PartRows);
        var kernel = new QueryKeyNormBackwardKernel
        {
            DInput = Floats(dInput),
            DWeightsOfPart = _workspace.Floats((long)parts * 2 * shape.HeadDim),
            DOutput = Floats(dOutput),
            Input = Floats(input),
            QueryWeight = Floats(queryWeight),
            KeyWeight = Floats(keyWeight),
            ReciprocalRms = Floats(reciprocalRms),
            Shape = shape,
        };
        Rows.RunFixed(_pool, kernel, tokens, QueryKeyNormBackwardKernel.PartRows);
        AddHeadWeightGradient(dQueryWeight, kernel.DWeightsOfPart, parts);
        AddHeadWeightGradient(dKeyWeight, kernel.DWeightsOfPart + shape.HeadDim, parts);
    }

    protected override void RotaryForwardCore(Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape) =>
        Rotate(queryKeyValue, rotary, batch, shape, sign: 1);

    protected override void RotaryBackwardCore(Tensor dQueryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape) =>
        Rotate(dQueryKeyValue, rotary, batch, shape, sign: -1);

    protected override void SwiGluForwardCore(Tensor output, Tensor gateUp)
    {
        var (tokens, width) = (output.Shape[0], output.Shape[1]);
        var kernel = new SwiGluForwardKernel { Output = Floats(output), GateUp = Floats(gateUp), Width = width };
        Rows.Run(_pool, kernel, tokens, 3L * width * sizeof(float));
    }

    protected override void SwiGluBackwardCore(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp)
    {
        var (tokens, width) = (dOutput.Shape[0], dOutput.Shape[1]);
        var kernel = new SwiGluBackwardKernel
        {
            DGateUp = Floats(dGateUp),
            Output = Floats(output),
            DOutput = Floats(dOutput),
            GateUp = Floats(gateUp),
            Width = width,
        };
        Rows.Run(_pool, kernel, tokens, 6L * width * sizeof(float));
    }

    private static void AddHeadWeightGradient(Tensor dWeight, float* dWeightOfPart, int parts)
    {
        if (!dWeight.IsEmpty)
        {
            var width = dWeight.Shape[0];
            var sum = new SumPartsKernel { Into = Floats(dWeight), Parts = dWeightOfPart, Count = parts, Width = 2 * width };
            Simd.Run(ref sum, 0, width);
        }
    }

    private void Rotate(Tensor heads, RotaryTable rotary, PreparedBatch batch, AttentionShape shape, int sign)
    {
        fixed (int* positions = batch.Batch.Positions)
        {
            var kernel = new RotaryKernel
            {
                Heads = Floats(heads),
                Cosines = Floats(rotary.Cosines),
                Sines = Floats(rotary.Sines),
                Positions = positions,
                Shape = shape,
                Sign = sign,
            };
            Rows.Run(_pool, kernel, batch.TokenCount, heads.Shape.RowLength * sizeof(float));
        }
    }
}
