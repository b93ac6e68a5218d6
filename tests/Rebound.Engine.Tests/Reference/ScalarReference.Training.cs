namespace Rebound.Engine.Tests.Reference;

internal static partial class ScalarReference
{
    /// <param name="gateUp">[T, 2·F].</param>
    /// <returns>[T, F].</returns>
    public static double[] SwiGluForward(double[] gateUp, int width)
    {
        var output = new double[gateUp.Length / 2];
        for (var i = 0; i < output.Length; i++)
        {
            var gate = (i / width * 2 * width) + (i % width);
            output[i] = gateUp[gate] * Sigmoid(gateUp[gate]) * gateUp[gate + width];
        }

        return output;
    }

    /// <summary>Of <c>x·σ(x)·up</c> with <c>σ' = σ·(1 − σ)</c>: <c>d(x·σ)/dx = σ + x·σ·(1 − σ)</c>.</summary>
    public static double[] SwiGluBackward(double[] dOutput, double[] gateUp, int width)
    {
        var dGateUp = new double[gateUp.Length];
        for (var i = 0; i < dOutput.Length; i++)
        {
            var gate = (i / width * 2 * width) + (i % width);
            var (x, up, sigmoid) = (gateUp[gate], gateUp[gate + width], Sigmoid(gateUp[gate]));
            dGateUp[gate] = dOutput[i] * up * (sigmoid + (x * sigmoid * (1 - sigmoid)));
            dGateUp[gate + width] = dOutput[i] * x * sigmoid;
        }

        return dGateUp;
    }

    /// <summary>Head and cross-entropy with the whole [S, V] of logits.</summary>
    public static (double[] Losses, double[] DHidden, double[] DWeight) CrossEntropyHead(
        double[] hidden, double[] weight, PackedBatch batch, int width, double lossScale, double[]? rowWeights = null)
    {
        var vocabulary = weight.Length / width;
        var losses = new double[batch.SupervisedRows.Length];
        var (dHidden, dWeight) = (new double[hidden.Length], new double[weight.Length]);
        for (var s = 0; s < losses.Length; s++)
        {
            var row = hidden.AsSpan(s * width, width).ToArray();
            var logits = LinearForward(row, weight, null, width, vocabulary);
            var largest = logits.Max();
            var logSumExp = largest + Math.Log(logits.Sum(logit => Math.Exp(logit - largest)));
            losses[s] = logSumExp - logits[batch.Targets[s]];
            for (var v = 0; v < vocabulary; v++)
            {
                var dLogit = (Math.Exp(logits[v] - logSumExp) - (v == batch.Targets[s] ? 1 : 0)) * lossScale * (rowWeights?[s] ?? 1);
                for (var c = 0; c < width; c++)
                {
                    dHidden[(s * width) + c] += dLogit * weight[(v * width) + c];
                    dWeight[(v * width) + c] += dLogit * row[c];
                }
            }
        }

        return (losses, dHidden, dWeight);
    }

    /// <summary>AdamW in place, as the paper's algorithm 2 with decoupled decay.</summary>
    public static void AdamW(double[] parameter, double[] gradient, double[] first, double[] second, in AdamWStep step)
    {
        for (var i = 0; i < parameter.Length; i++)
        {
            var scaled = gradient[i] * step.GradientScale;
            parameter[i] -= (double)step.LearningRate * step.WeightDecay * parameter[i];
            first[i] = (step.Beta1 * first[i]) + ((1.0 - step.Beta1) * scaled);
            second[i] = (step.Beta2 * second[i]) + ((1.0 - step.Beta2) * scaled * scaled);
            var mean = first[i] / (1 - Math.Pow(step.Beta1, step.Step));
            var variance = second[i] / (1 - Math.Pow(step.Beta2, step.Step));
            parameter[i] -= step.LearningRate * mean / (Math.Sqrt(variance) + step.Epsilon);
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
