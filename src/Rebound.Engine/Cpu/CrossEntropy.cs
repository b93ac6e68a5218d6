namespace Rebound.Engine.Cpu;

/// <summary>Head and cross-entropy over the supervised rows, a block of rows at a time.</summary>
internal static unsafe class CrossEntropy
{
    private const int LargestBlock = 256;

    public static int BlockRows(int supervisedRows) => Math.Clamp(supervisedRows, 1, LargestBlock);

    public static void Head(
        Gemm gemm, float* losses, float* dHidden, float* dWeight, float* hidden, float* weight, PackedBatch batch, float* scratch,
        int width, int vocabulary, float lossScale)
    {
        if (dHidden != null)
        {
            for (var t = 0; t < batch.TokenCount; t++)
            {
                new Span<float>(dHidden + ((nint)t * width), width).Clear();
            }
        }

        var rows = batch.SupervisedRows;
        var targets = batch.Targets;
        var block = BlockRows(rows.Length);
        var gathered = scratch;
        var dGathered = gathered + ((nint)block * width);
        var logits = dGathered + ((nint)block * width);
        for (var first = 0; first < rows.Length; first += block)
        {
            var count = Math.Min(block, rows.Length - first);
            for (var r = 0; r < count; r++)
            {
                Copy(gathered + ((nint)r * width), hidden + ((nint)rows[first + r] * width), width);
            }

            Linear.Forward(gemm, logits, gathered, weight, null, count, width, vocabulary, accumulate: false);
            for (var r = 0; r < count; r++)
            {
                losses[first + r] = Row(logits + ((nint)r * vocabulary), vocabulary, targets[first + r], lossScale, dHidden != null);
            }

            if (dHidden == null)
            {
                continue;
            }

            Linear.BackwardInput(gemm, dGathered, logits, weight, count, width, vocabulary, accumulate: false);
            for (var r = 0; r < count; r++)
            {
                Copy(dHidden + ((nint)rows[first + r] * width), dGathered + ((nint)r * width), width);
            }

            if (dWeight != null)
            {
                Linear.BackwardWeight(gemm, dWeight, logits, gathered, count, width, vocabulary);
            }
        }
    }

    /// <summary>
    /// Returns <c>logSumExp(logits) − logits[target]</c>; with <paramref name="gradient"/> the row becomes
    /// <c>(softmax(logits) − onehot(target))·scale</c>.
    /// </summary>
    private static float Row(float* logits, int vocabulary, int target, float scale, bool gradient)
    {
        var largest = float.NegativeInfinity;
        for (var v = 0; v < vocabulary; v++)
        {
            largest = MathF.Max(largest, logits[v]);
        }

        var sum = 0f;
        for (var v = 0; v < vocabulary; v++)
        {
            sum += MathF.Exp(logits[v] - largest);
        }

        var loss = largest + MathF.Log(sum) - logits[target];
        if (gradient)
        {
            var factor = scale / sum;
            for (var v = 0; v < vocabulary; v++)
            {
                logits[v] = MathF.Exp(logits[v] - largest) * factor;
            }

            logits[target] -= scale;
        }

        return loss;
    }

    private static void Copy(float* into, float* from, int count) =>
        new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(into, count));
}
