using System.Globalization;

namespace Rebound.Agents.Models.Protocol;

/// <summary>
/// How long a server asks to be left alone: <c>retry-after-ms</c>, or <c>Retry-After</c> in seconds or as a date (RFC 9110, section
/// 10.2.3).
/// </summary>
internal static class RetryAfter
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Above 0; null where it asks for nothing that can be read.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now) =>
        Number(response, "retry-after-ms") is { } milliseconds ? Bounded(milliseconds / 1000)
        : Number(response, "Retry-After") is { } seconds ? Bounded(seconds)
        : Date(First(response, "Retry-After")) is { } date ? Bounded((date - now).TotalSeconds)
        : null;

    private static DateTimeOffset? Date(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    private static TimeSpan? Bounded(double seconds) =>
        seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds)) : null;

    private static double? Number(HttpResponseMessage response, string header) =>
        double.TryParse(First(response, header), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? First(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) ? values.FirstOrDefault() : null;
}
