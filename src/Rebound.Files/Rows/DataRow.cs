using System.Text.Json;

namespace Rebound.Files.Rows;

/// <summary>One JSON value of a data file, with its place for error messages.</summary>
/// <param name="Row">Counted from 1.</param>
public readonly record struct DataRow(string File, int Row, JsonElement Element)
{
    public DataException Error(string? field, string problem) => new(File, Row, field, problem);

    /// <summary>The path of a member of what is at <paramref name="path"/>, which is empty for the row itself.</summary>
    public static string Field(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public void CheckObject(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Error(path.Length == 0 ? null : path, $"must be an object, but is {Kind(value)}.");
        }
    }

    /// <summary>A member that must be there.</summary>
    public JsonElement Member(JsonElement parent, string path, string name)
    {
        CheckObject(parent, path);
        return parent.TryGetProperty(name, out var value) ? value : throw Error(Field(path, name), "is missing.");
    }

    /// <summary>A member, or null if it is absent or null.</summary>
    public static JsonElement? Optional(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A member that must be there and be a string.</summary>
    public string Text(JsonElement parent, string path, string name) => Text(Member(parent, path, name), Field(path, name));

    /// <summary>A value that must be a string.</summary>
    public string Text(JsonElement value, string field) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw Error(field, $"must be a string, but is {Kind(value)}.");

    /// <summary>An id as text: a string as it is, a number as it is written.</summary>
    public string Id(JsonElement value, string field) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value, field),
        JsonValueKind.Number => value.GetRawText(),
        _ => throw Error(field, $"must be a string or a number, but is {Kind(value)}."),
    };

    /// <summary>A number, or 1 and 0 for true and false.</summary>
    public double Number(JsonElement value, string field) => value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number when double.IsFinite(value.GetDouble()) => value.GetDouble(),
        _ => throw Error(field, $"must be true, false or a number, but is {Kind(value)}."),
    };

    /// <summary>The kind of a value, for messages.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {value.GetRawText()}",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => value.GetRawText(),
    };
}
