using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    public override void EmbeddingForward(Tensor output, Tensor weight, PackedBatch batch)
    {
        Expect.Matrix(weight);
        Expect.Floats(output, new Shape(batch.TokenCount, weight.Shape[1]));
        Expect.Tokens(batch.Tokens, weight.Shape[0]);
        Embedding.Forward(Floats(output), Floats(weight), batch.Tokens, weight.Shape[1]);
    }

    public override void EmbeddingBackward(Tensor dWeight, Tensor dOutput, PackedBatch batch)
    {
        Expect.Matrix(dWeight);
        Expect.Floats(dOutput, new Shape(batch.TokenCount, dWeight.Shape[1]));
        Expect.Tokens(batch.Tokens, dWeight.Shape[0]);
        Embedding.Backward(Floats(dWeight), Floats(dOutput), batch.Tokens, dWeight.Shape[1]);
    }

    public override void RmsNormForward(Tensor output, Tensor reciprocalRms, Tensor input, Tensor weight, float epsilon)
    {
        Expect.Matrix(input);
        var (tokens, hidden) = (input.Shape[0], input.Shape[1]);
        Expect.Floats(output, input.Shape);
        Expect.Floats(reciprocalRms, new Shape(tokens));
        Expect.Floats(weight, new Shape(hidden));
        RmsNorm.Forward(Floats(output), Floats(reciprocalRms), Floats(input), Floats(weight), tokens, hidden, epsilon);
    }

    public override void RmsNormBackward(
        Tensor dInput, Tensor dWeight, Tensor dOutput, Tensor input, Tensor weight, Tensor reciprocalRms)
    {
        Expect.Matrix(input);
        var (tokens, hidden) = (input.Shape[0], input.Shape[1]);
        Expect.Floats(dInput, input.Shape);
        Expect.FloatsOrEmpty(dWeight, new Shape(hidden));
        Expect.Floats(dOutput, input.Shape);
        Expect.Floats(weight, new Shape(hidden));
        Expect.Floats(reciprocalRms, new Shape(tokens));
        for (var t = 0; t < tokens; t++)
        {
            var row = (nint)t * hidden;
            RmsNorm.BackwardRow(
                Floats(dInput) + row, Floats(dWeight), Floats(dOutput) + row, Floats(input) + row, Floats(weight),
                Floats(reciprocalRms)[t], hidden, accumulate: true);
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

        QueryKeyNorm.Forward(
            Floats(output), Floats(reciprocalRms), Floats(input), Floats(queryWeight), Floats(keyWeight), tokens, shape, epsilon);
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
        QueryKeyNorm.Backward(
            Floats(dInput), Floats(dQueryWeight), Floats(dKeyWeight), Floats(dOutput), Floats(input), Floats(queryWeight),
            Floats(keyWeight), Floats(reciprocalRms), tokens, shape);
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
        SwiGlu.Forward(Floats(output), Floats(gateUp), tokens, width);
    }

    public override void SwiGluBackward(Tensor dGateUp, Tensor dOutput, Tensor gateUp)
    {
        Expect.Matrix(dOutput);
        var (tokens, width) = (dOutput.Shape[0], dOutput.Shape[1]);
        Expect.Floats(gateUp, new Shape(tokens, 2 * width));
        Expect.Floats(dGateUp, new Shape(tokens, 2 * width));
        SwiGlu.Backward(Floats(dGateUp), Floats(dOutput), Floats(gateUp), tokens, width);
    }

    private static void Rotate(
        Tensor heads, RotaryTable rotary, PackedBatch batch, AttentionShape shape, int sign, string operation, string name)
    {
        Expect.Heads(shape, operation);
        Expect.Floats(heads, new Shape(batch.TokenCount, shape.FusedHeads, shape.HeadDim), operation, name);
        var angles = new Shape(rotary.Positions, shape.HeadDim / 2);
        Expect.Floats(rotary.Cosines, angles, operation);
        Expect.Floats(rotary.Sines, angles, operation);
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var last = batch.Positions[batch.DocumentStarts[d + 1] - 1];
            if (last >= rotary.Positions)
            {
                throw new ShapeException(operation, nameof(rotary), $"of more than {last} positions", $"of {rotary.Positions}");
            }
        }

        Rotary.Rotate(Floats(heads), Floats(rotary.Cosines), Floats(rotary.Sines), batch.Positions, shape, sign);
    }

    /// <summary>The tokens of a [T, H + 2·KvH, HeadDim] tensor.</summary>
    private static int FusedRows(
        Tensor tensor,
        AttentionShape shape,
        [System.Runtime.CompilerServices.CallerMemberName] string operation = "",
        [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        var tokens = tensor.Shape.Rank == 3 ? tensor.Shape[0] : 0;
        Expect.Floats(tensor, new Shape(tokens, shape.FusedHeads, shape.HeadDim), operation, name);
        return tokens;
    }
}
