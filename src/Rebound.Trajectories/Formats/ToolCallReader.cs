using System.Text.Json;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>Reads calls of tools: OpenAI's <c>tool_calls</c> and older <c>function_call</c>, ShareGPT's JSON in a turn's text.</summary>
internal static class ToolCallReader
{
    public const string ToolCalls = "tool_calls";
    public const string ToolCallId = "id";
    public const string Function = "function";
    public const string Name = "name";
    public const string Arguments = "arguments";

    /// <summary>OpenAI's member for the only call, before there were several.</summary>
    private const string FunctionCall = "function_call";

    private const string NoArguments = "{}";

    /// <summary>Other names of a call's arguments in logs.</summary>
    private static readonly string[] ArgumentNames = [Arguments, "args", "parameters", "input"];

    public static bool IsToolCalls(string member) => member is ToolCalls or FunctionCall;

    /// <summary>The calls of a turn's own members; none where it has no such members, or null there.</summary>
    /// <exception cref="DataException">They are not in a form that is known.</exception>
    public static IReadOnlyList<ToolCall> Read(DataRow row, JsonElement turn, string path)
    {
        if (DataRow.Optional(turn, ToolCalls) is { } calls)
        {
            var field = DataRow.Field(path, ToolCalls);
            return calls.ValueKind == JsonValueKind.Array
                ? [.. calls.EnumerateArray().Select((call, i) => ReadCall(row, call, $"{field}[{i}]"))]
                : throw row.Error(field, $"must be a list, but is {DataRow.Kind(calls)}.");
        }

        return DataRow.Optional(turn, FunctionCall) is { } single
            ? [ReadCall(row, single, DataRow.Field(path, FunctionCall))]
            : [];
    }

    /// <summary>
    /// The calls that a text is, a JSON object with <c>name</c> and <c>arguments</c> or a list of them; null where it is
    /// neither, as when an agent called a tool wrongly.
    /// </summary>
    public static IReadOnlyList<ToolCall>? Parse(DataRow row, string text, string field)
    {
        if (ParseText(row, text, field) is not { } value)
        {
            return null;
        }

        var calls = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        return calls.Length > 0 && calls.All(IsCall) ? [.. calls.Select(call => ReadCall(row, call, field))] : null;
    }

    /// <summary>The JSON that a text is, if it is.</summary>
    /// <exception cref="DataException">It is, and holds a text that is not valid Unicode.</exception>
    private static JsonElement? ParseText(DataRow row, string text, string field)
    {
        try
        {
            return StrictJson.ParseElement(text, DuplicateNames.Kept);
        }
        catch (StrictJsonException e)
        {
            throw row.Error(field, $"is JSON text that cannot be used, {JsonProblem.Of(e)}.");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsCall(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && (value.TryGetProperty(Function, out var function) ? function : value) is { ValueKind: JsonValueKind.Object } call
        && call.TryGetProperty(Name, out var name) && name.ValueKind == JsonValueKind.String;

    private static ToolCall ReadCall(DataRow row, JsonElement call, string path)
    {
        row.CheckObject(call, path);
        var id = DataRow.Optional(call, ToolCallId) is { } value ? row.Id(value, DataRow.Field(path, ToolCallId)) : null;
        var (function, functionPath) = DataRow.Optional(call, Function) is { } inner
            ? (inner, DataRow.Field(path, Function))
            : (call, path);
        var name = row.Text(function, functionPath, Name);
        var given = ArgumentNames.FirstOrDefault(known => DataRow.Optional(function, known) is not null) ?? Arguments;
        var arguments = DataRow.Optional(function, given) switch
        {
            null => NoArguments,
            { ValueKind: JsonValueKind.String } text => ReadArguments(row, text, DataRow.Field(functionPath, given)),
            { } json => json.GetRawText(),
        };
        return new ToolCall(id, name, arguments);
    }

    private static string ReadArguments(DataRow row, JsonElement value, string field)
    {
        var arguments = row.Text(value, field);
        ParseText(row, arguments, field);
        return arguments;
    }
}
