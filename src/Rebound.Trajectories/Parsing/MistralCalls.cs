using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rebound.Files.Json;

namespace Rebound.Trajectories.Parsing;

/// <summary>
/// Mistral's calls with the name before the arguments, <c>name[ARGS]{…}</c> and <c>name[CALL_ID]id[ARGS]{…}</c>, which follow each
/// other by <c>[TOOL_CALLS]</c>. Its older list of JSON objects is read as any other.
/// </summary>
internal static partial class MistralCalls
{
    /// <summary>The marks within and between calls.</summary>
    public static IReadOnlyList<string> Marks { get; } = ["[ARGS]", "[CALL_ID]"];

    /// <param name="text">The text after the first <c>[TOOL_CALLS]</c>.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out IReadOnlyList<CallPart>? calls)
    {
        var written = text.Split("[TOOL_CALLS]", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var found = written.Select(call => Named().Match(call)).ToArray();
        calls = found.Length > 0 && found.All(match => match.Success) ? [.. found.Select(Read)] : null;
        return calls is not null;
    }

    private static CallPart Read(Match match) => ToolCallText.OfText(match.Groups["name"].Value, match.Groups["arguments"].Value);

    // What a text means must not depend on the clock: it goes back over nothing, so that it takes time in proportion to the text, and has
    // no limit of time.
    [GeneratedRegex(
        @"^(?<name>(?>[\w./-]+))(?>\s*)(?:\[CALL_ID\](?>\s*)(?>\w+)(?>\s*))?(?:\[ARGS\](?>\s*))?(?<arguments>\{.*)$",
        RegexOptions.Singleline | RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Named();
}
