using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// Recovers the parameters of llama3 RoPE scaling from the divisors that GGUF stores instead (<c>rope_freqs.weight</c>).
/// With wavelength λ = 2π·base^(2i/d) the divisor is 1 for λ &lt; original/high, factor for λ &gt; original/low, and
/// 1/((1 − s)/factor + s) between, s = (original/λ − low)/(high − low)
/// (https://github.com/huggingface/transformers, <c>modeling_rope_utils.py</c>).
/// </summary>
internal static class RopeFactors
{
    /// <summary>The values of every published model; low and high scale with original, so that fixing low loses nothing.</summary>
    private const double Low = 1;
    private const double UsualHigh = 4;
    private const int UsualOriginal = 8192;

    /// <summary>Divisors are stored as fp32 and were computed in fp32: a few roundings.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>The <c>rope_scaling</c> object of a config.json, or null when nothing is scaled.</summary>
    /// <param name="divisors">[HeadDim/2].</param>
    /// <exception cref="CheckpointException">No parameters give these divisors.</exception>
    public static JsonObject? ToScaling(float[] divisors, double ropeBase, string path)
    {
        double factor = divisors.Max();
        if (divisors.Min() == 1 && factor == 1)
        {
            return null;
        }

        if (divisors.Min() == divisors.Max() && factor > 0 && double.IsFinite(factor))
        {
            return new JsonObject { ["rope_type"] = "linear", ["factor"] = factor };
        }

        var frequencies = new double[divisors.Length];
        for (var i = 0; i < frequencies.Length; i++)
        {
            frequencies[i] = Math.Pow(ropeBase, -(double)i / divisors.Length) / (2 * Math.PI);
        }

        foreach (var (high, original) in Candidates(divisors, frequencies, factor))
        {
            if (Matches(divisors, frequencies, factor, high, original))
            {
                return new JsonObject
                {
                    ["rope_type"] = "llama3",
                    ["factor"] = factor,
                    ["low_freq_factor"] = Low,
                    ["high_freq_factor"] = high,
                    ["original_max_position_embeddings"] = original,
                };
            }
        }

        throw new CheckpointException(
            path, GgufNames.RopeFactors, "Its divisors are not those of llama3 RoPE scaling with any parameters.");
    }

    /// <summary>The divisors of llama3 scaling, as llama.cpp's converter computes them: the inverse of <see cref="ToScaling"/>.</summary>
    /// <param name="scaling">The <c>rope_scaling</c> object of a config.json.</param>
    /// <returns>[HeadDim/2].</returns>
    public static float[] Of(JsonObject scaling, double ropeBase, int headDim)
    {
        var factor = Number("factor");
        var (low, high, original) = (Number("low_freq_factor"), Number("high_freq_factor"), Number("original_max_position_embeddings"));
        var divisors = new float[headDim / 2];
        for (var i = 0; i < divisors.Length; i++)
        {
            var rotations = original * Math.Pow(ropeBase, -2.0 * i / headDim) / (2 * Math.PI);
            var smooth = Math.Clamp((rotations - low) / (high - low), 0, 1);
            divisors[i] = (float)(1 / (((1 - smooth) / factor) + smooth));
        }

        return divisors;

        double Number(string key) => scaling[key]!.GetValue<double>();
    }

    /// <summary>
    /// The published parameters; then those that the divisors between 1 and factor give: two of them determine the line
    /// s(1/λ), and one does with the usual high.
    /// </summary>
    private static IEnumerable<(double High, int Original)> Candidates(
        float[] divisors, double[] frequencies, double factor)
    {
        yield return (UsualHigh, UsualOriginal);
        var between = Enumerable.Range(0, divisors.Length)
            .Where(i => divisors[i] > 1 + Tolerance && divisors[i] < factor * (1 - Tolerance))
            .Select(i => (Frequency: frequencies[i], Smooth: ((1 / divisors[i]) - (1 / factor)) / (1 - (1 / factor))))
            .ToArray();
        if (between.Length > 0)
        {
            var (frequency, smooth) = between[^1];
            yield return (UsualHigh, Rounded((Low + (smooth * (UsualHigh - Low))) / frequency));
        }

        if (between.Length > 1)
        {
            var (first, last) = (between[0], between[^1]);
            var slope = (first.Smooth - last.Smooth) / (first.Frequency - last.Frequency);
            var intercept = last.Smooth - (slope * last.Frequency);
            var high = Low - (Low / intercept);
            var nearest = Math.Round(high * 1000) / 1000;
            yield return (nearest, Rounded(slope * (nearest - Low)));
        }
    }

    private static int Rounded(double original) =>
        original is >= 1 and <= int.MaxValue ? (int)Math.Round(original) : 1;

    private static bool Matches(float[] divisors, double[] frequencies, double factor, double high, int original)
    {
        if (high is not > Low)
        {
            return false;
        }

        for (var i = 0; i < divisors.Length; i++)
        {
            var smooth = Math.Clamp(((original * frequencies[i]) - Low) / (high - Low), 0, 1);
            var expected = 1 / (((1 - smooth) / factor) + smooth);
            if (!(Math.Abs(divisors[i] - expected) <= Tolerance * expected))
            {
                return false;
            }
        }

        return true;
    }
}
