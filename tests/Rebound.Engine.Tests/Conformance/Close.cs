namespace Rebound.Engine.Tests.Conformance;

/// <summary>Comparisons of a backend's results with the fp64 reference.</summary>
internal static class Close
{
    /// <summary>
    /// fp32: every element within <c>(8 + 4·√length)</c> units of the largest expected magnitude: a sum of n rounded terms
    /// errs by about √n units; the constants cover the few roundings before and after it. bf16: sums are of fp32 all the
    /// same, and an element may be off by four roundings to bf16 more: its own, and those of the factors that tensor
    /// cores take in bf16 (probabilities, their gradients, logit gradients). All elements together may be off by one, in
    /// the 2-norm.
    /// </summary>
    /// <param name="length">Terms of the longest sum behind an element.</param>
    /// <param name="roundings">How many operations' results, one made from the other, are rounded to the type behind an element.</param>
    public static void Assert(
        double[] expected, double[] actual, int length, string name, DType type = DType.Float32, int roundings = 1)
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Length == 0 ? 0 : expected.Max(Math.Abs);
        var relative = (8 + (4 * Math.Sqrt(length))) * Precision.Float32Unit;
        if (type == DType.BFloat16)
        {
            relative += 4 * roundings * Precision.BFloat16Rounding;
            var (error, norm) = (Norm(expected.Zip(actual, (a, b) => a - b)), Norm(expected));
            var allowed = roundings * Precision.BFloat16Rounding;
            if (!(error <= norm * allowed))
            {
                Xunit.Assert.Fail($"{name} is off by {error / norm:g3} in the 2-norm, and may be by {allowed:g3}.");
            }
        }

        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= relative * largest))
            {
                Xunit.Assert.Fail($"{name}[{i}] is {actual[i]:g9} instead of {expected[i]:g9} ± {relative * largest:g2}.");
            }
        }
    }

    public static double[] Plus(this double[] left, double[] right) => [.. left.Zip(right, (a, b) => a + b)];

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));
}
