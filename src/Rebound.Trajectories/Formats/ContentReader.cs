using System.Text.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>Reads what a turn says: a string, or a list of parts of text, which are joined with nothing between them.</summary>
internal static class ContentReader
{
    private const string Type = "type";
    private const string Text = "text";

    private static readonly string[] TextTypes = [Text, "input_text", "output_text"];

    /// <param name="mayBeEmpty">Whether the content may be absent or null, which is then empty.</param>
    /// <exception cref="DataException">It is neither, or a part is no text.</exception>
    public static string Read(DataRow row, JsonElement turn, string path, string name, bool mayBeEmpty)
    {
        var field = DataRow.Field(path, name);
        if (mayBeEmpty && DataRow.Optional(turn, name) is null)
        {
            return "";
        }

        var content = row.Member(turn, path, name);
        return content.ValueKind == JsonValueKind.Array
            ? string.Concat(content.EnumerateArray().Select((part, i) => Part(row, part, $"{field}[{i}]")))
            : row.Text(content, field);
    }

    /// <summary>Reads a tool's reply: a text, nothing, or any other value, which becomes its JSON text.</summary>
    public static string ReadReply(DataRow row, JsonElement turn, string path, string name) => DataRow.Optional(turn, name) switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } => Read(row, turn, path, name, mayBeEmpty: true),
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(IsPart) => Read(row, turn, path, name, mayBeEmpty: true),
        { } value => value.GetRawText(),
    };

    private static bool IsPart(JsonElement value) => value.ValueKind == JsonValueKind.String
        || (value.ValueKind == JsonValueKind.Object && DataRow.Optional(value, Type) is { ValueKind: JsonValueKind.String });

    private static string Part(DataRow row, JsonElement part, string path)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            return row.Text(part, path);
        }

        row.CheckObject(part, path);
        if (DataRow.Optional(part, Type) is { } value && row.Text(value, DataRow.Field(path, Type)) is var type
            && !TextTypes.Contains(type))
        {
            throw row.Error(DataRow.Field(path, Type), $"is '{type}'; only parts of the type {Text} can be read.");
        }

        return row.Text(part, path, Text);
    }
}
