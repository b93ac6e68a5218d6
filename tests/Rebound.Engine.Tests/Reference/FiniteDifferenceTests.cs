namespace Rebound.Engine.Tests.Reference;

/// <summary>Holds the reference's backwards against central differences of its forwards, all in fp64.</summary>
public sealed class FiniteDifferenceTests
{
    private const double Epsilon = 1e-5;

    private static readonly AttentionShape[] Shapes =
    [
        new(4, 2, 6, 0.41f), new(3, 1, 4, 0.5f, Window: 3), new(2, 2, 2, 1f),
    ];

    [Fact]
    public void Embedding_backward()
    {
        int[] tokens = [2, 0, 2, 3];
        var (weight, dOutput) = (Numbers.Normal(5 * 3, 1), Numbers.Normal(4 * 3, 2));
        Check(weight, ScalarReference.EmbeddingBackward(dOutput, tokens, 3, 5),
            () => Dot(dOutput, ScalarReference.EmbeddingForward(weight, tokens, 3)));
    }

    [Fact]
    public void Linear_backward()
    {
        var (input, weight, bias) = (Numbers.Normal(4 * 3, 1), Numbers.Normal(5 * 3, 2), Numbers.Normal(5, 3));
        var dOutput = Numbers.Normal(4 * 5, 4);
        var (dInput, dWeight, dBias) = ScalarReference.LinearBackward(dOutput, input, weight, 3, 5);
        double Loss() => Dot(dOutput, ScalarReference.LinearForward(input, weight, bias, 3, 5));
        Check(input, dInput, Loss);
        Check(weight, dWeight, Loss);
        Check(bias, dBias, Loss);
    }

    [Fact]
    public void Dropout_backward()
    {
        var (input, dOutput) = (Numbers.Normal(6 * 7, 1), Numbers.Normal(6 * 7, 2));
        Check(input, ScalarReference.Dropout(dOutput, 7, 0.4f, 5), () => Dot(dOutput, ScalarReference.Dropout(input, 7, 0.4f, 5)));
    }

    [Fact]
    public void Rms_norm_backward()
    {
        var (input, weight, dOutput) = (Numbers.Normal(4 * 7, 1), Numbers.Normal(7, 2), Numbers.Normal(4 * 7, 3));
        var (dInput, dWeight) = ScalarReference.RmsNormBackward(dOutput, input, weight, 0.1);
        double Loss() => Dot(dOutput, ScalarReference.RmsNormForward(input, weight, 0.1).Output);
        Check(input, dInput, Loss);
        Check(weight, dWeight, Loss);
    }

    [Fact]
    public void Query_key_norm_backward()
    {
        foreach (var shape in Shapes)
        {
            var input = Numbers.Normal(3 * shape.FusedHeads * shape.HeadDim, 1);
            var (query, key) = (Numbers.Normal(shape.HeadDim, 2), Numbers.Normal(shape.HeadDim, 3));
            var dOutput = Numbers.Normal(input.Length, 4);
            var (dInput, dQuery, dKey) = ScalarReference.QueryKeyNormBackward(dOutput, input, query, key, shape, 0.1);
            double Loss() => Dot(dOutput, ScalarReference.QueryKeyNormForward(input, query, key, shape, 0.1).Output);
            Check(input, dInput, Loss);
            Check(query, dQuery, Loss);
            Check(key, dKey, Loss);
        }
    }

    [Fact]
    public void Rotary_backward()
    {
        foreach (var shape in Shapes)
        {
            var batch = Numbers.Batch([2, 5]);
            var (cosines, sines) = Numbers.RotaryAngles(5, shape.HeadDim);
            var heads = Numbers.Normal(7 * shape.FusedHeads * shape.HeadDim, 1);
            var dOutput = Numbers.Normal(heads.Length, 2);
            Check(heads, ScalarReference.Rotary(dOutput, cosines, sines, batch.Positions, shape, sign: -1),
                () => Dot(dOutput, ScalarReference.Rotary(heads, cosines, sines, batch.Positions, shape, sign: 1)));
        }
    }

    [Fact]
    public void Attention_backward()
    {
        foreach (var shape in Shapes)
        {
            var batch = Numbers.Batch([1, 6, 3]);
            var fused = Numbers.Normal(10 * shape.FusedHeads * shape.HeadDim, 1);
            var dOutput = Numbers.Normal(10 * shape.QueryHeads * shape.HeadDim, 2);
            Check(fused, ScalarReference.AttentionBackward(dOutput, fused, batch, shape),
                () => Dot(dOutput, ScalarReference.AttentionForward(fused, batch, shape).Output));
        }
    }

    [Fact]
    public void Swi_glu_backward()
    {
        var (gateUp, dOutput) = (Numbers.Normal(3 * 10, 1, deviation: 2), Numbers.Normal(3 * 5, 2));
        Check(gateUp, ScalarReference.SwiGluBackward(dOutput, gateUp, 5),
            () => Dot(dOutput, ScalarReference.SwiGluForward(gateUp, 5)));
    }

    [Fact]
    public void Cross_entropy_head_backward()
    {
        var batch = Numbers.Batch([6, 1, 4], vocabulary: 9);
        var (hidden, weight) = (Numbers.Normal(batch.SupervisedRows.Length * 3, 1), Numbers.Normal(9 * 3, 2));
        var (_, dHidden, dWeight) = ScalarReference.CrossEntropyHead(hidden, weight, batch, 3, 0.5);
        double Loss() => 0.5 * ScalarReference.CrossEntropyHead(hidden, weight, batch, 3, 0.5).Losses.Sum();
        Check(hidden, dHidden, Loss);
        Check(weight, dWeight, Loss);
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    /// <summary>A central difference errs by about h²·f‴ and u/h: 1e-10 and 1e-11 here, for values of about 1.</summary>
    private static void Check(double[] values, double[] gradient, Func<double> loss)
    {
        Assert.Equal(values.Length, gradient.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            values[i] = value + Epsilon;
            var above = loss();
            values[i] = value - Epsilon;
            var below = loss();
            values[i] = value;
            Assert.Equal((above - below) / (2 * Epsilon), gradient[i], 1e-7 * Math.Max(1, Math.Abs(gradient[i])));
        }
    }
}
