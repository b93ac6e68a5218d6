using System.Globalization;
using System.Text.Json;

namespace Rebound.Agents.Models.Protocol;

/// <summary>Members of JSON that others wrote: what is absent, null or of another kind is null.</summary>
internal static class JsonMembers
{
    public static JsonElement? Member(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    public static string? Text(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The items of a list; none where there is no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement value, string name) =>
        value.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A count of at least 0, be it written as an integer, a fraction or a text.</summary>
    public static long? Count(this JsonElement value, string name)
    {
        var number = value.Member(name) switch
        {
            { ValueKind: JsonValueKind.Number } written => written.GetDouble(),
            { ValueKind: JsonValueKind.String } text when Parse(text.GetString()) is { } parsed => parsed,
            _ => double.NaN,
        };
        return number is >= 0 and < long.MaxValue ? (long)number : null;
    }

    private static double? Parse(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
