namespace Rebound.Engine.Tests.Reference;

internal static partial class ScalarReference
{
    /// <summary>Rotates query and key heads by their angles, times <paramref name="sign"/>: −1 for the backward.</summary>
    /// <param name="heads">[T, H + 2·KvH, HeadDim].</param>
    /// <param name="cosines">[P, HeadDim/2].</param>
    public static double[] Rotary(
        double[] heads, double[] cosines, double[] sines, ReadOnlySpan<int> positions, AttentionShape shape, int sign)
    {
        var (output, half) = ((double[])heads.Clone(), shape.HeadDim / 2);
        for (var t = 0; t < positions.Length; t++)
        {
            for (var h = 0; h < shape.QueryHeads + shape.KeyValueHeads; h++)
            {
                for (var i = 0; i < half; i++)
                {
                    var first = (((t * shape.FusedHeads) + h) * shape.HeadDim) + i;
                    var (x, y) = (heads[first], heads[first + half]);
                    var (cos, sin) = (cosines[(positions[t] * half) + i], sign * sines[(positions[t] * half) + i]);
                    output[first] = (x * cos) - (y * sin);
                    output[first + half] = (x * sin) + (y * cos);
                }
            }
        }

        return output;
    }

    /// <returns>Output [T, H, HeadDim] and logSumExp [T, H].</returns>
    public static (double[] Output, double[] LogSumExp) AttentionForward(double[] fused, PackedBatch batch, AttentionShape shape)
    {
        var output = new double[batch.TokenCount * shape.QueryHeads * shape.HeadDim];
        var logSumExp = new double[batch.TokenCount * shape.QueryHeads];
        for (var i = 0; i < logSumExp.Length; i++)
        {
            var (first, probabilities) = Probabilities(fused, batch, shape, i / shape.QueryHeads, i % shape.QueryHeads, out logSumExp[i]);
            for (var s = 0; s < probabilities.Length; s++)
            {
                for (var c = 0; c < shape.HeadDim; c++)
                {
                    output[(i * shape.HeadDim) + c] += probabilities[s] * fused[Value(shape, first + s, i % shape.QueryHeads) + c];
                }
            }
        }

        return (output, logSumExp);
    }

    /// <summary>The output of some rows alone, [R, H, HeadDim].</summary>
    public static double[] AttentionOfRows(double[] fused, PackedBatch batch, AttentionShape shape, ReadOnlySpan<int> rows)
    {
        var output = new double[rows.Length * shape.QueryHeads * shape.HeadDim];
        for (var i = 0; i < rows.Length * shape.QueryHeads; i++)
        {
            var head = i % shape.QueryHeads;
            var (first, probabilities) = Probabilities(fused, batch, shape, rows[i / shape.QueryHeads], head, out _);
            for (var s = 0; s < probabilities.Length; s++)
            {
                for (var c = 0; c < shape.HeadDim; c++)
                {
                    output[(i * shape.HeadDim) + c] += probabilities[s] * fused[Value(shape, first + s, head) + c];
                }
            }
        }

        return output;
    }

    /// <summary>
    /// Of <c>o = Σ_s p_s·v_s</c>: <c>dp_s = do·v_s</c>; of the softmax: <c>ds = p_s·(dp_s − Σ_j p_j·dp_j)</c>; of
    /// <c>scale·q·k_s</c>: <c>dq += scale·ds·k_s</c>, <c>dk_s += scale·ds·q</c>.
    /// </summary>
    public static double[] AttentionBackward(double[] dOutput, double[] fused, PackedBatch batch, AttentionShape shape)
    {
        var dFused = new double[fused.Length];
        for (var i = 0; i < batch.TokenCount * shape.QueryHeads; i++)
        {
            var (t, h) = (i / shape.QueryHeads, i % shape.QueryHeads);
            var (first, probabilities) = Probabilities(fused, batch, shape, t, h, out _);
            var dProbabilities = new double[probabilities.Length];
            var (query, gradient, mean) = (Query(shape, t, h), i * shape.HeadDim, 0.0);
            for (var s = 0; s < probabilities.Length; s++)
            {
                for (var c = 0; c < shape.HeadDim; c++)
                {
                    var value = Value(shape, first + s, h) + c;
                    dProbabilities[s] += dOutput[gradient + c] * fused[value];
                    dFused[value] += probabilities[s] * dOutput[gradient + c];
                }

                mean += probabilities[s] * dProbabilities[s];
            }

            for (var s = 0; s < probabilities.Length; s++)
            {
                var dScore = probabilities[s] * (dProbabilities[s] - mean) * shape.Scale;
                for (var c = 0; c < shape.HeadDim; c++)
                {
                    var key = Key(shape, first + s, h) + c;
                    dFused[query + c] += dScore * fused[key];
                    dFused[key] += dScore * fused[query + c];
                }
            }
        }

        return dFused;
    }

    /// <returns>The row of the first key that a query sees, and the probabilities of it and the following ones.</returns>
    private static (int First, double[] Probabilities) Probabilities(
        double[] fused, PackedBatch batch, AttentionShape shape, int row, int head, out double logSumExp)
    {
        var first = 0;
        foreach (var start in batch.DocumentStarts[..^1])
        {
            first = start <= row ? start : first;
        }

        if (shape.Window > 0)
        {
            first = Math.Max(first, row - shape.Window + 1);
        }

        var scores = new double[row - first + 1];
        for (var s = 0; s < scores.Length; s++)
        {
            for (var c = 0; c < shape.HeadDim; c++)
            {
                scores[s] += shape.Scale * fused[Query(shape, row, head) + c] * fused[Key(shape, first + s, head) + c];
            }
        }

        var largest = scores.Max();
        logSumExp = largest + Math.Log(scores.Sum(score => Math.Exp(score - largest)));
        for (var s = 0; s < scores.Length; s++)
        {
            scores[s] = Math.Exp(scores[s] - logSumExp);
        }

        return (first, scores);
    }

    private static int Query(AttentionShape shape, int row, int head) => ((row * shape.FusedHeads) + head) * shape.HeadDim;

    private static int Key(AttentionShape shape, int row, int head) =>
        ((row * shape.FusedHeads) + shape.QueryHeads + (head / shape.GroupSize)) * shape.HeadDim;

    private static int Value(AttentionShape shape, int row, int head) =>
        Key(shape, row, head) + (shape.KeyValueHeads * shape.HeadDim);
}
