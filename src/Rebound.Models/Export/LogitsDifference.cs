using System.Numerics.Tensors;

namespace Rebound.Models.Export;

/// <summary>How far a model's logits are from another's, over the tokens of fixed documents.</summary>
/// <param name="MaxRelative">The largest difference, of the largest logit.</param>
/// <param name="Divergence">The mean Kullback–Leibler divergence of the model's distributions from the other's, in nats a token.</param>
/// <param name="SameBest">The share of tokens after which both hold the same token for the most likely one.</param>
public sealed record LogitsDifference(double MaxRelative, double Divergence, double SameBest)
{
    /// <param name="expected">[T, V], the other's.</param>
    /// <param name="actual">[T, V].</param>
    /// <param name="vocabulary">V.</param>
    public static LogitsDifference Of(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, int vocabulary)
    {
        var (largest, difference, divergence, same) = (0.0, 0.0, 0.0, 0);
        var (log, other) = (new float[vocabulary], new float[vocabulary]);
        for (var start = 0; start < expected.Length; start += vocabulary)
        {
            var row = expected.Slice(start, vocabulary);
            var otherRow = actual.Slice(start, vocabulary);
            for (var i = 0; i < vocabulary; i++)
            {
                (largest, difference) = (Math.Max(largest, Math.Abs(row[i])), Math.Max(difference, Math.Abs(row[i] - otherRow[i])));
            }

            same += TensorPrimitives.IndexOfMax(row) == TensorPrimitives.IndexOfMax(otherRow) ? 1 : 0;
            LogProbabilities(row, log);
            LogProbabilities(otherRow, other);
            for (var i = 0; i < vocabulary; i++)
            {
                divergence += Math.Exp(log[i]) * (log[i] - other[i]);
            }
        }

        var tokens = expected.Length / vocabulary;
        return new LogitsDifference(largest > 0 ? difference / largest : difference, divergence / tokens, (double)same / tokens);
    }

    private static void LogProbabilities(ReadOnlySpan<float> logits, float[] log)
    {
        var most = TensorPrimitives.Max(logits);
        TensorPrimitives.Subtract(logits, most, log);
        var sum = 0.0;
        foreach (var value in log)
        {
            sum += Math.Exp(value);
        }

        TensorPrimitives.Subtract(log, (float)Math.Log(sum), log);
    }
}
