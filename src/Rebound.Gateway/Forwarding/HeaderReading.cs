using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Rebound.Files.Messages;
using Rebound.Gateway.Outcomes;

namespace Rebound.Gateway.Forwarding;

/// <summary>
/// Reads the gateway's own headers. One that cannot be used keeps nothing from passing: it is counted, and the first of its kind is said.
/// </summary>
internal sealed class HeaderReading(OutcomeReading outcomes, Counting counts, Action<string>? note)
{
    private const string Own = "Rebound-";
    private const int LongestExcerpt = 60;

    private static readonly string[] Known = [GatewayHeaders.Conversation, GatewayHeaders.Outcome];

    /// <summary>The name that a client gives a conversation; null for none.</summary>
    public string? Conversation(IHeaderDictionary headers)
    {
        CheckNames(headers.Keys);
        return Text(headers[GatewayHeaders.Conversation]) is not { } name ? null
            : name.Length > 0 ? name
            : Ignore<string>(GatewayHeaders.Conversation, "is empty", "a name is needed");
    }

    /// <summary>The outcome that a request or an answer tells; null for none.</summary>
    public double? Outcome(StringValues values) => Text(values) is not { } text ? null
        : outcomes.Read(text) ?? Ignore<double?>(
            GatewayHeaders.Outcome, "is no outcome",
            $"it is '{TextExcerpt.Beginning(text, LongestExcerpt)}', and has to be {outcomes.Allowed}");

    private void CheckNames(IEnumerable<string> names)
    {
        foreach (var name in names.Where(name => name.StartsWith(Own, StringComparison.OrdinalIgnoreCase)
            && !Known.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            Ignore<string>(
                $"{Own}…", "is no header of the gateway",
                $"one is '{TextExcerpt.Beginning(name, LongestExcerpt)}', and those of the gateway are {string.Join(" and ", Known)}");
        }
    }

    /// <summary>A header's text; one that is there several times is one with all of them, as HTTP has it.</summary>
    private static string? Text(StringValues values) => values.Count == 0 ? null : values.ToString();

    /// <param name="problem">Behind the header's name; of few different ones.</param>
    private T? Ignore<T>(string header, string problem, string because)
    {
        var kind = $"{header} {problem}";
        if (Counting.Add(counts.IgnoredHeaders, kind) == 1)
        {
            note?.Invoke($"A header was ignored, and its message passed on: {kind}; {because}. Others like it are counted.");
        }

        return default;
    }
}
