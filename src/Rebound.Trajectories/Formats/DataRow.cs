using System.Text.Json;

namespace Rebound.Trajectories.Formats;

/// <summary>One JSON object of a data file, with its place for error messages.</summary>
/// <param name="Row">Counted from 1.</param>
internal readonly record struct DataRow(string File, int Row, JsonElement Element)
{
    public DataException Error(string? field, string problem) => new(File, Row, field, problem);

    /// <summary>A member that must be there.</summary>
    public JsonElement Member(JsonElement parent, string path, string name)
    {
        var field = path.Length == 0 ? name : $"{path}.{name}";
        if (parent.ValueKind != JsonValueKind.Object)
        {
            throw Error(path.Length == 0 ? null : path, $"must be an object, but is {Kind(parent)}.");
        }

        return parent.TryGetProperty(name, out var value) ? value : throw Error(field, "is missing.");
    }

    /// <summary>A member that must be there and be a string.</summary>
    public string Text(JsonElement parent, string path, string name)
    {
        var value = Member(parent, path, name);
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw Error(path.Length == 0 ? name : $"{path}.{name}", $"must be a string, but is {Kind(value)}.");
    }

    /// <summary>An id as text: a string as it is, a number as it is written.</summary>
    public string Id(JsonElement value, string field) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw Error(field, $"must be a string or a number, but is {Kind(value)}."),
    };

    /// <summary>What a value is, for messages.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {value.GetRawText()}",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => value.GetRawText(),
    };
}
