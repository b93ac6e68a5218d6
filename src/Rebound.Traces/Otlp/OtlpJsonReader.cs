using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Traces.Otlp;

/// <summary>
/// Reads OTLP's JSON encoding: an object with <c>resourceSpans</c> or <c>resourceLogs</c>, as exporters send it and the collector writes
/// it to files. Names may be in camel case or with underscores. What it does not know it leaves alone, as OTLP asks for.
/// </summary>
internal static class OtlpJsonReader
{
    /// <summary>Reads one such object, or a list of them; false if it is neither.</summary>
    /// <exception cref="FormatException">A member has another form than OTLP's; it is named.</exception>
    public static bool Read(JsonElement value, TraceData data)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            return value.EnumerateArray().Aggregate(false, (any, item) => Read(item, data) || any);
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        // Some exports keep OTLP within a member of their own.
        if (Member(value, "data") is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } inner && Read(inner, data))
        {
            return true;
        }

        var (spans, logs) = (Member(value, "resourceSpans"), Member(value, "resourceLogs"));
        foreach (var resource in Items(spans, "resourceSpans"))
        {
            ReadSpans(resource, data);
        }

        foreach (var resource in Items(logs, "resourceLogs"))
        {
            ReadLogs(resource, data);
        }

        return spans is not null || logs is not null || Member(value, "resourceMetrics") is not null;
    }

    private static void ReadSpans(JsonElement resource, TraceData data)
    {
        var about = Resource(resource);
        var scopes = Items(Member(resource, "scopeSpans") ?? Member(resource, "instrumentationLibrarySpans"), "scopeSpans");
        foreach (var scope in scopes)
        {
            var name = (Member(scope, "scope") ?? Member(scope, "instrumentationLibrary")) is { } from ? Text(from, "name") : "";
            foreach (var span in Items(Member(scope, "spans"), "spans"))
            {
                var (trace, id) = (Id(span, "traceId"), Id(span, "spanId"));
                data.Add(new TraceSpan(
                    trace, id, Id(span, "parentSpanId"), Text(span, "name"), name, Time(span, "startTimeUnixNano"), IsError(span))
                {
                    Attributes = Attributes(Member(span, "attributes")),
                    Resource = about,
                    Events = [.. Items(Member(span, "events"), "events").Select(item =>
                        new TraceEvent(trace, id, Text(item, "name"), Time(item, "timeUnixNano"), Body: null)
                        {
                            Attributes = Attributes(Member(item, "attributes")),
                        })],
                });
            }
        }
    }

    private static void ReadLogs(JsonElement resource, TraceData data)
    {
        foreach (var scope in Items(Member(resource, "scopeLogs"), "scopeLogs"))
        {
            foreach (var record in Items(Member(scope, "logRecords"), "logRecords"))
            {
                var attributes = Attributes(Member(record, "attributes"));
                var name = Text(record, "eventName") is { Length: > 0 } own ? own
                    : TraceValues.Text(attributes.GetValueOrDefault("event.name"));
                if (name is { Length: > 0 })
                {
                    var body = Member(record, "body") is { } value ? Value(value) : null;
                    data.Add(new TraceEvent(
                        Id(record, "traceId"), Id(record, "spanId"), name, Time(record, "timeUnixNano"), body)
                    { Attributes = attributes });
                }
            }
        }
    }

    private static Dictionary<string, JsonNode?> Resource(JsonElement resource) =>
        Attributes(Member(resource, "resource") is { } about ? Member(about, "attributes") : null);

    private static Dictionary<string, JsonNode?> Attributes(JsonElement? list)
    {
        var attributes = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var attribute in Items(list, "attributes"))
        {
            attributes[Text(attribute, "key")] = Member(attribute, "value") is { } value ? Value(value) : null;
        }

        return attributes;
    }

    /// <summary>A value of OTLP, which says in its member's name what it is.</summary>
    private static JsonNode? Value(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "stringValue" or "string_value" or "bytesValue" or "bytes_value" or "boolValue" or "bool_value":
                case "doubleValue" or "double_value":
                    return TraceValues.Node(member.Value);
                case "intValue" or "int_value":
                    return long.TryParse(
                        member.Value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                        ? JsonValue.Create(number) : TraceValues.Node(member.Value);
                case "arrayValue" or "array_value":
                    return new JsonArray([.. Items(Member(member.Value, "values"), "values").Select(Value)]);
                case "kvlistValue" or "kvlist_value":
                    return new JsonObject(Attributes(Member(member.Value, "values")));
            }
        }

        return null;
    }

    private static bool IsError(JsonElement span) =>
        Member(span, "status") is { ValueKind: JsonValueKind.Object } status && Member(status, "code") is { } code
        && (code.ValueKind == JsonValueKind.Number ? code.GetRawText() == "2" : code.ToString() == "STATUS_CODE_ERROR");

    /// <summary>An id in hexadecimal digits; exporters that follow Protobuf's own JSON mapping write base64.</summary>
    private static string Id(JsonElement value, string name)
    {
        var text = Text(value, name);
        return text.Length is 24 or 12 && Convert.TryFromBase64String(text, stackalloc byte[16], out var written) && written is 16 or 8
            ? Convert.ToHexStringLower(Convert.FromBase64String(text))
            : text.ToLowerInvariant();
    }

    private static ulong Time(JsonElement value, string name) =>
        Member(value, name) is { ValueKind: JsonValueKind.Number or JsonValueKind.String } time
        && ulong.TryParse(time.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds) ? nanoseconds : 0;

    private static string Text(JsonElement value, string name) => Member(value, name) switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } other => throw new FormatException($"'{name}' must be a text, but is {other.ValueKind.ToString().ToLowerInvariant()}."),
    };

    private static JsonElement.ArrayEnumerator Items(JsonElement? list, string name) => list switch
    {
        null => default,
        { ValueKind: JsonValueKind.Array } items => items.EnumerateArray(),
        { } other => throw new FormatException($"'{name}' must be a list, but is {other.ValueKind.ToString().ToLowerInvariant()}."),
    };

    /// <summary>A member that is not null, by its name in camel case or with underscores.</summary>
    private static JsonElement? Member(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return (value.TryGetProperty(name, out var member)
            || value.TryGetProperty(JsonNamingPolicy.SnakeCaseLower.ConvertName(name), out member))
            && member.ValueKind != JsonValueKind.Null ? member : null;
    }
}
