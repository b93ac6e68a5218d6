using Rebound.Models.Parameters;

namespace Rebound.Training;

/// <summary>
/// The gradient norm as PyTorch's <c>clip_grad_norm_</c> computes it on a CPU: the norm of every tensor's norm, each the
/// root of an fp32 running sum of squares. Over tens of millions of elements such a sum stays behind by
/// some 1e-4, so a recorded norm can be compared only with a sum that rounds as it did;
/// <see cref="AdamWOptimizer.GradientNorm"/> is the exact one.
/// </summary>
internal static class RunningNorm
{
    public static double Of(ParameterSet gradients)
    {
        var values = Array.Empty<float>();
        var sum = 0f;
        for (var parameter = 0; parameter < gradients.Table.Parameters.Count; parameter++)
        {
            var tensor = gradients[parameter];
            var count = checked((int)tensor.Count);
            values = values.Length >= count ? values : new float[count];
            gradients.Backend.CopyToHost(values.AsSpan(0, count), tensor);
            var norm = MathF.Sqrt(SumOfSquares(values.AsSpan(0, count)));
            sum += norm * norm;
        }

        return MathF.Sqrt(sum);
    }

    private static float SumOfSquares(ReadOnlySpan<float> values)
    {
        var sum = 0f;
        foreach (var value in values)
        {
            sum += value * value;
        }

        return sum;
    }
}
