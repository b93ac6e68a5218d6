using System.Globalization;
using System.Text.Json.Nodes;

namespace Rebound.Traces.Conventions;

/// <summary>Lists that are written as attributes with numbers in their names, such as <c>llm.input_messages.0.message.role</c>.</summary>
internal static class FlatAttributes
{
    /// <summary>The items under a prefix in the order of their numbers; members that have dots are objects within each other.</summary>
    public static IReadOnlyList<JsonObject> List(IReadOnlyDictionary<string, JsonNode?> attributes, string prefix)
    {
        var items = new SortedDictionary<int, JsonObject>();
        foreach (var (name, value) in attributes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length && name[prefix.Length] == '.'
                && name[(prefix.Length + 1)..].Split('.') is [var first, .. { Length: > 0 } path] && Number(first) is { } number)
            {
                items.TryAdd(number, []);
                Put(items[number], path, value);
            }
        }

        return [.. items.Values];
    }

    /// <summary>The items of a member that was written with numbers, in their order.</summary>
    public static IReadOnlyList<JsonObject> List(JsonObject item, string member) => item[member] is not JsonObject numbered ? []
        : [.. numbered.Where(pair => Number(pair.Key) is not null).OrderBy(pair => Number(pair.Key)).Select(pair => pair.Value)
            .OfType<JsonObject>()];

    private static void Put(JsonObject item, ReadOnlySpan<string> path, JsonNode? value)
    {
        for (; path.Length > 1; path = path[1..])
        {
            if (item[path[0]] is not JsonObject inner)
            {
                item[path[0]] = inner = [];
            }

            item = inner;
        }

        item[path[0]] = value?.DeepClone();
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
