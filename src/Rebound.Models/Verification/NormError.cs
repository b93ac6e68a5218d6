namespace Rebound.Models.Verification;

/// <summary>
/// The error of a tensor relative to its norm, <c>‖actual − expected‖ / ‖expected‖</c>: where errors are large it says more than
/// the largest of them, which depends on one element.
/// </summary>
internal static class NormError
{
    public static double Of(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        var (errors, squares) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            var error = (double)actual[i] - expected[i];
            errors += error * error;
            squares += (double)expected[i] * expected[i];
        }

        return Math.Sqrt(squares > 0 ? errors / squares : errors);
    }
}
