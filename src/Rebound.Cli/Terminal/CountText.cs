namespace Rebound.Cli.Terminal;

/// <summary>A number of things, for sentences.</summary>
internal static class CountText
{
    /// <summary>For example <c>1 row</c>, <c>12,000 rows</c>.</summary>
    /// <param name="one">The singular.</param>
    /// <param name="several">The plural; the singular and an s by default.</param>
    public static string Of(long count, string one, string? several = null) => $"{count:N0} {(count == 1 ? one : several ?? $"{one}s")}";
}
