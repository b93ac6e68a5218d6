namespace Rebound.Engine.Tests.Conformance;

/// <summary>Comparisons of fp32 results with the fp64 reference.</summary>
internal static class Close
{
    /// <summary>2⁻²³, the spacing of fp32 at 1.</summary>
    public const double Unit = 1.0 / (1 << 23);

    /// <summary>
    /// Every element within <c>(8 + 4·√length)</c> units of the largest expected magnitude: a sum of n rounded terms errs
    /// by about √n units; the constants cover the few roundings before and after it.
    /// </summary>
    /// <param name="length">Terms of the longest sum behind an element.</param>
    public static void Assert(double[] expected, double[] actual, int length, string name)
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Length == 0 ? 0 : expected.Max(Math.Abs);
        var tolerance = (8 + (4 * Math.Sqrt(length))) * Unit * largest;
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance))
            {
                Xunit.Assert.Fail($"{name}[{i}] is {actual[i]:g9} instead of {expected[i]:g9} ± {tolerance:g2}.");
            }
        }
    }

    public static double[] Plus(this double[] left, double[] right) => [.. left.Zip(right, (a, b) => a + b)];
}
