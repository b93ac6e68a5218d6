using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rebound.Files.Json;
using Rebound.Files.Messages;

namespace Rebound.Trajectories.Parsing;

/// <summary>
/// Reads calls of tools as models write them: JSON objects with a name and arguments, one, several or a list, and the forms
/// of their own that Mistral and Llama have.
/// </summary>
internal static partial class ToolCallText
{
    /// <summary>The problem of a call that ends before it is whole.</summary>
    public const string NotWhole = "the call is not whole: the turn ended within it.";

    private const string NoArguments = "{}";

    private static readonly string[] NameNames = ["name", "function", "tool", "tool_name"];
    private static readonly string[] ArgumentNames = ["arguments", "parameters", "args", "input"];

    private static readonly JsonReaderOptions Bounded = new() { MaxDepth = Nesting.Deepest };

    /// <summary>The calls of a text that stands where calls do; at least one, with a problem where the text is none.</summary>
    /// <param name="isClosed">Whether the mark that ends a call came.</param>
    /// <param name="schema">The schema of a tool's argument, by the names of both; null where none is known.</param>
    public static IReadOnlyList<CallPart> Read(string text, bool isClosed, Func<string, string, JsonElement?> schema)
    {
        if (TaggedCalls.TryRead(text, isClosed, schema, out var named) || MistralCalls.TryRead(text, out named)
            || TryReadBuiltIn(text, out named))
        {
            return named;
        }

        try
        {
            return [.. Values(text).SelectMany(ReadValue)];
        }
        catch (JsonException e)
        {
            var problem = isClosed ? $"the call is not valid JSON, {JsonProblem.Of(e)}." : NotWhole;
            return [new CallPart(NameIn(text), text.Trim(), problem)];
        }
    }

    /// <summary>Whether a whole turn is calls and nothing else, bare or in a code fence.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out IReadOnlyList<CallPart>? calls)
    {
        var bare = Fence().Match(text) is { Success: true } fence ? fence.Groups["inside"].Value : text;
        try
        {
            calls = [.. Values(bare).SelectMany(ReadValue)];
            return calls.Count > 0 && calls.All(call => call.Problem is null);
        }
        catch (JsonException)
        {
            calls = null;
            return false;
        }
    }

    /// <summary>A call of an object with arguments of whatever kind.</summary>
    public static CallPart Of(string name, JsonElement? arguments) => arguments switch
    {
        null or { ValueKind: JsonValueKind.Null } => new CallPart(name, NoArguments, null),
        { ValueKind: JsonValueKind.Object } json => new CallPart(name, json.GetRawText(), null),
        { ValueKind: JsonValueKind.String } text when text.GetString()! is var written => IsObject(written)
            ? new CallPart(name, written, null)
            : new CallPart(name, written, $"the arguments of {name} must be a JSON object."),
        { } other => new CallPart(name, other.GetRawText(), $"the arguments of {name} must be a JSON object."),
    };

    /// <summary>A call with arguments that are to be JSON.</summary>
    public static CallPart OfText(string name, string arguments)
    {
        try
        {
            return Of(name, StrictJson.ParseElement(arguments, DuplicateNames.LastCounts));
        }
        catch (JsonException e)
        {
            return new CallPart(name, arguments, $"the arguments of {name} are not valid JSON, {JsonProblem.Of(e)}.");
        }
    }

    /// <summary>The JSON values of a text, between which blanks, commas and semicolons may stand.</summary>
    /// <exception cref="JsonException">There is none, or something else.</exception>
    public static IEnumerable<JsonElement> Values(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.Trim());
        var (at, isEmpty) = (0, true);
        while (at < bytes.Length || isEmpty)
        {
            var length = LengthOfValue(bytes.AsSpan(at));
            yield return StrictJson.ParseElement(bytes.AsSpan(at, length), DuplicateNames.LastCounts);
            (at, isEmpty) = (at + length, false);
            while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)',' or (byte)';')
            {
                at++;
            }
        }
    }

    /// <summary>The call of a JSON object that a text begins with, if it is a well-formed one.</summary>
    /// <param name="length">How much of the text the object is.</param>
    public static bool TryReadObject(string text, [NotNullWhen(true)] out CallPart? call, out int length)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            var taken = LengthOfValue(bytes);
            length = Encoding.UTF8.GetCharCount(bytes, 0, taken);
            call = ReadValue(StrictJson.ParseElement(bytes.AsSpan(0, taken), DuplicateNames.LastCounts))
                .SingleOrDefault(read => read.Problem is null);
        }
        catch (JsonException)
        {
            (call, length) = (null, 0);
        }

        return call is not null;
    }

    /// <summary>The value of an object's only member, where that is a text or a number; null for any other.</summary>
    public static string? OnlyText(string json)
    {
        var members = StrictJson.ParseElement(json, DuplicateNames.LastCounts).EnumerateObject().ToArray();
        return members is not [{ Value: var only }] ? null : only.ValueKind switch
        {
            JsonValueKind.String => only.GetString(),
            JsonValueKind.Number => only.GetRawText(),
            _ => null,
        };
    }

    /// <summary>The name that a text has where a call's would be; empty for none.</summary>
    public static string NameIn(string text) => Name().Match(text).Groups["name"].Value;

    private static int LengthOfValue(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, Bounded);
        reader.Read();
        reader.Skip();
        return (int)reader.BytesConsumed;
    }

    private static IEnumerable<CallPart> ReadValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when value.GetArrayLength() > 0 => value.EnumerateArray().SelectMany(ReadValue),
        JsonValueKind.Object when value.TryGetProperty("tool_calls", out var list)
            && list.ValueKind == JsonValueKind.Array => ReadValue(list),
        JsonValueKind.Object => [ReadObject(value)],
        _ => [new CallPart("", value.GetRawText(), "a call must be a JSON object with a name and arguments.")],
    };

    private static CallPart ReadObject(JsonElement call)
    {
        var inner = call.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object ? function : call;
        var name = NameNames.Select(known =>
            inner.TryGetProperty(known, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null)
            .FirstOrDefault(found => found is not null);
        if (name is null)
        {
            return new CallPart("", call.GetRawText(), "a call must have a name.");
        }

        var arguments = ArgumentNames.Select(known => inner.TryGetProperty(known, out var value) ? value : (JsonElement?)null)
            .FirstOrDefault(found => found is not null);
        return Of(name, arguments);
    }

    private static bool IsObject(string text)
    {
        try
        {
            return StrictJson.ParseElement(text, DuplicateNames.LastCounts).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Llama's calls of tools that it was trained with: <c>name.call(argument="value")</c>.</summary>
    private static bool TryReadBuiltIn(string text, [NotNullWhen(true)] out IReadOnlyList<CallPart>? calls)
    {
        var match = BuiltIn().Match(text);
        calls = !match.Success ? null :
        [
            new CallPart(
                match.Groups["name"].Value,
                JsonSerializer.Serialize(match.Groups["key"].Captures.Zip(match.Groups["value"].Captures).ToDictionary(
                    pair => pair.First.Value, pair => pair.Second.Value.Replace("\\\"", "\"", StringComparison.Ordinal))),
                null),
        ];
        return calls is not null;
    }

    // What a text means must not depend on the clock: these expressions go back over nothing, so that they take time in proportion to it,
    // and have no limit of time.
    [GeneratedRegex(@"^(?>\s*)```(?:json|tool_call|tool_code)?(?>[ \t]*)\r?\n(?<inside>.*?)\r?\n?```(?>\s*)\z",
        RegexOptions.Singleline | RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Fence();

    [GeneratedRegex(@"""(?:name|function)""(?>\s*):(?>\s*)""(?<name>(?>[^""\\]{1,256}))""", RegexOptions.CultureInvariant,
        Timeout.Infinite)]
    private static partial Regex Name();

    [GeneratedRegex(
        @"^(?>\s*)(?<name>(?>[A-Za-z_]\w*))\.call\((?>\s*)"
            + @"(?>(?:(?<key>(?>\w+))(?>\s*)=(?>\s*)""(?<value>(?>(?:[^""\\]|\\.)*))""(?>\s*),?(?>\s*))*)\)(?>\s*)\z",
        RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex BuiltIn();
}
