namespace Rebound.Models.Verification;

/// <summary>One comparison of a verification.</summary>
/// <param name="Name">The name in the reference: <c>logits</c>, <c>grad.model.norm.weight</c>.</param>
/// <param name="Shape">Extents, for example <c>[2, 37, 199]</c>.</param>
/// <param name="MaxAbsolute">max|actual − expected|; NaN when nothing could be compared.</param>
/// <param name="MaxRelative"><paramref name="MaxAbsolute"/> / max|expected|; NaN when nothing could be compared.</param>
/// <param name="NormRelative">‖actual − expected‖ / ‖expected‖; NaN when nothing could be compared.</param>
/// <param name="Tolerance">The limit of <paramref name="MaxRelative"/>, unless there is a <paramref name="Verdict"/>.</param>
/// <param name="Passed">The verdict.</param>
/// <param name="Note">The problem, or the place of the first difference; null for neither.</param>
/// <param name="Verdict">The verdict in place of the tolerance; null for most.</param>
public sealed record VerificationRow(
    string Name, string Shape, double MaxAbsolute, double MaxRelative, double NormRelative, double Tolerance, bool Passed,
    string? Note = null, RoundingVerdict? Verdict = null)
{
    /// <summary>Compares numbers element by element.</summary>
    public static VerificationRow Compare(
        string name, string shape, ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double tolerance)
    {
        if (actual.Length != expected.Length)
        {
            return Failed(name, shape, tolerance, $"has {expected.Length} elements, the model's has {actual.Length}");
        }

        var (difference, largest) = (0.0, 0.0);
        for (var i = 0; i < actual.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs((double)actual[i] - expected[i])); // NaN stays NaN
            largest = Math.Max(largest, Math.Abs((double)expected[i]));
        }

        var relative = largest > 0 ? difference / largest : difference;
        return new VerificationRow(name, shape, difference, relative, NormError.Of(actual, expected), tolerance, relative <= tolerance);
    }

    /// <summary>Compares one number.</summary>
    public static VerificationRow Compare(string name, double actual, double expected, double tolerance)
    {
        var difference = Math.Abs(actual - expected);
        var relative = expected != 0 ? difference / Math.Abs(expected) : difference;
        return new VerificationRow(name, "[1]", difference, relative, relative, tolerance, relative <= tolerance);
    }

    /// <summary>A row for a result that could not be compared.</summary>
    public static VerificationRow Failed(string name, string shape, double tolerance, string note) =>
        new(name, shape, double.NaN, double.NaN, double.NaN, tolerance, false, note);
}
