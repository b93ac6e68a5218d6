using System.Runtime.CompilerServices;
using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    /// <summary>Columns that one thread sums over all rows: a few cache lines.</summary>
    private const int ColumnsOfPart = 128;

    public override void EmbeddingForward(Tensor output, Tensor weight, PackedBatch batch)
    {
        Expect.Matrix(weight);
        Expect.Floats(output, new Shape(batch.TokenCount, weight.Shape[1]));
        Expect.Tokens(batch.Tokens, weight.Shape[0]);
        CopyRows(output, weight, batch.Tokens);
    }

    public override void EmbeddingBackward(Tensor dWeight, Tensor dOutput, PackedBatch batch)
    {
        Expect.Matrix(dWeight);
        Expect.Floats(dOutput, new Shape(batch.TokenCount, dWeight.Shape[1]));
        Expect.Tokens(batch.Tokens, dWeight.Shape[0]);
        var width = dWeight.Shape[1];
        fixed (int* tokens = batch.Tokens)
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

    public override void RmsNormForward(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        Expect.Matrix(input);
        var (tokens, hidden) = (input.Shape[0], input.Shape[1]);
        Expect.Floats(output, input.Shape);
        Expect.Floats(reciprocalRms, new Shape(tokens));
        Expect.Floats(weight, new Shape(hidden));
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

    public override void RmsNormBackward(
        Tensor dInput, Tensor dWeight, Tensor output, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        Expect.Matrix(input);
        var (tokens, hidden) = (input.Shape[0], input.Shape[1]);
        Expect.Floats(dInput, input.Shape);
        Expect.FloatsOrEmpty(dWeight, new Shape(hidden));
        Expect.FloatsOrEmpty(output, input.Shape);
        Expect.Floats(dOutput, input.Shape);
        Expect.Floats(weight, new Shape(hidden));
        Expect.Floats(reciprocalRms, new Shape(tokens));
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

    public override void QueryKeyNormForward(
        Tensor output, Tensor reciprocalRms, Tensor input, Tensor queryWeight, Tensor keyWeight, AttentionShape shape, float epsilon)
    {
        Expect.Heads(shape);
        var tokens = FusedRows(input, shape);
        Expect.Floats(output, input.Shape);
        Expect.Floats(reciprocalRms, new Shape(tokens, shape.QueryHeads + shape.KeyValueHeads));
        Expect.Floats(queryWeight, new Shape(shape.HeadDim));
        Expect.Floats(keyWeight, new Shape(shape.HeadDim));
        if (output.Address == input.Address)
        {
            throw new ArgumentException("QueryKeyNormForward: output must not be input, which the backward needs.", nameof(output));
        }

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

    public override void QueryKeyNormBackward(
        Tensor dInput, Tensor dQueryWeight, Tensor dKeyWeight, Tensor dOutput, Tensor input, Tensor queryWeight,
        Tensor keyWeight, Tensor reciprocalRms, AttentionShape shape)
    {
        Expect.Heads(shape);
        var tokens = FusedRows(input, shape);
        Expect.Floats(dInput, input.Shape);
        Expect.Floats(dOutput, input.Shape);
        Expect.FloatsOrEmpty(dQueryWeight, new Shape(shape.HeadDim));
        Expect.FloatsOrEmpty(dKeyWeight, new Shape(shape.HeadDim));
        Expect.Floats(queryWeight, new Shape(shape.HeadDim));
        Expect.Floats(keyWeight, new Shape(shape.HeadDim));
        Expect.Floats(reciprocalRms, new Shape(tokens, shape.QueryHeads + shape.KeyValueHeads));
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

    public override void RotaryForward(Tensor queryKeyValue, RotaryTable rotary, PackedBatch batch, AttentionShape shape) =>
        Rotate(queryKeyValue, rotary, batch, shape, sign: 1, nameof(RotaryForward), nameof(queryKeyValue));

    public override void RotaryBackward(Tensor dQueryKeyValue, RotaryTable rotary, PackedBatch batch, AttentionShape shape) =>
        Rotate(dQueryKeyValue, rotary, batch, shape, sign: -1, nameof(RotaryBackward), nameof(dQueryKeyValue));

    public override void SwiGluForward(Tensor output, Tensor gateUp)
    {
        Expect.Matrix(output);
        var (tokens, width) = (output.Shape[0], output.Shape[1]);
        Expect.Floats(gateUp, new Shape(tokens, 2 * width));
        var kernel = new SwiGluForwardKernel { Output = Floats(output), GateUp = Floats(gateUp), Width = width };
        Rows.Run(_pool, kernel, tokens, 3L * width * sizeof(float));
    }

    public override void SwiGluBackward(Tensor dGateUp, Tensor output, Tensor dOutput, Tensor gateUp)
    {
        Expect.Matrix(dOutput);
        var (tokens, width) = (dOutput.Shape[0], dOutput.Shape[1]);
        Expect.Floats(gateUp, new Shape(tokens, 2 * width));
        Expect.Floats(dGateUp, new Shape(tokens, 2 * width));
        Expect.FloatsOrEmpty(output, dOutput.Shape);
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

    private void Rotate(
        Tensor heads, RotaryTable rotary, PackedBatch batch, AttentionShape shape, int sign, string operation, string name)
    {
        Expect.Heads(shape, operation);
        Expect.Floats(heads, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim), operation, name);
        Expect.Angles(rotary, batch, shape, operation);
        fixed (int* positions = batch.Positions)
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

    /// <summary>The tokens of a [T, H + 2·KvH, HeadDim] tensor.</summary>
    private static int FusedRows(
        Tensor tensor,
        AttentionShape shape,
        [CallerMemberName] string operation = "",
        [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        var tokens = tensor.Shape.Rank == 3 ? tensor.Shape[0] : 0;
        Expect.Floats(tensor, new Shape(tokens, shape.FusedHeads, shape.HeadDim), operation, name);
        return tokens;
    }
}
