using System.Text.Json.Nodes;
using Google.Protobuf;

namespace Rebound.Traces.Otlp;

/// <summary>
/// Reads OTLP's Protobuf encoding (opentelemetry-proto, trace/v1 and logs/v1): the message that exporters send, or the collector's files,
/// in which every message has its length before it in four bytes, the highest first.
/// </summary>
internal static class OtlpProtobufReader
{
    private const int LengthBytes = 4;

    /// <summary>The tag of the first field, a message: all of OTLP's messages begin with it.</summary>
    private const byte FirstTag = 0x0A;

    /// <summary>Deepest value of lists and maps within each other.</summary>
    private const int Deepest = 100;

    public static bool Looks(ReadOnlySpan<byte> bytes) =>
        bytes is [FirstTag, ..] || (bytes.Length > LengthBytes && bytes[LengthBytes] == FirstTag && bytes[0] < 0x20);

    /// <exception cref="InvalidProtocolBufferException">It is no such message.</exception>
    public static void Read(byte[] bytes, TraceData data)
    {
        if (bytes is [FirstTag, ..])
        {
            ReadMessage(new CodedInputStream(bytes), data);
            return;
        }

        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes.Length - at < LengthBytes ? uint.MaxValue
                : System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            if (length > bytes.Length - at - LengthBytes)
            {
                throw new FormatException($"the message at byte {at} goes beyond the end: the file was cut off.");
            }

            ReadMessage(new CodedInputStream(bytes, at + LengthBytes, (int)length), data);
            at += LengthBytes + (int)length;
        }
    }

    private static void ReadMessage(CodedInputStream input, TraceData data) => Fields(input, (field, value) =>
    {
        if (field == 1)
        {
            ReadResource(Stream(value), data);
        }
    });

    /// <summary>Spans or records of one resource: the two have the same numbers down to what a scope holds.</summary>
    private static void ReadResource(CodedInputStream input, TraceData data)
    {
        IReadOnlyDictionary<string, JsonNode?> resource = new Dictionary<string, JsonNode?>();
        var scopes = new List<ByteString>();
        Fields(input, (field, value) =>
        {
            if (field == 1)
            {
                resource = Attributes(Stream(value), attributeField: 1);
            }
            else if (field == 2)
            {
                scopes.Add(value.Bytes);
            }
        });
        foreach (var scope in scopes)
        {
            ReadScope(scope.CreateCodedInput(), resource, data);
        }
    }

    private static void ReadScope(CodedInputStream input, IReadOnlyDictionary<string, JsonNode?> resource, TraceData data)
    {
        var name = "";
        var items = new List<ByteString>();
        Fields(input, (field, value) =>
        {
            if (field == 1)
            {
                Fields(Stream(value), (part, text) => name = part == 1 ? text.Bytes.ToStringUtf8() : name);
            }
            else if (field == 2)
            {
                items.Add(value.Bytes);
            }
        });
        foreach (var item in items)
        {
            // A span's first field is its trace's id, bytes; a record's is its time, a fixed number.
            if (item is { Length: > 0 } && (item[0] & 7) == (byte)WireFormat.WireType.LengthDelimited && item[0] >> 3 == 1)
            {
                data.Add(Span(item.CreateCodedInput(), name, resource));
            }
            else if (Record(item.CreateCodedInput()) is { } record)
            {
                data.Add(record);
            }
        }
    }

    private static TraceSpan Span(CodedInputStream input, string scope, IReadOnlyDictionary<string, JsonNode?> resource)
    {
        string trace = "", id = "", parent = "", name = "";
        var (start, isError) = (0UL, false);
        var attributes = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        var events = new List<ByteString>();
        Fields(input, (field, value) =>
        {
            switch (field)
            {
                case 1: trace = Hex(value); break;
                case 2: id = Hex(value); break;
                case 4: parent = Hex(value); break;
                case 5: name = value.Bytes.ToStringUtf8(); break;
                case 7: start = value.Number; break;
                case 9: Add(Stream(value), attributes, depth: 0); break;
                case 11: events.Add(value.Bytes); break;
                case 15: Fields(Stream(value), (part, code) => isError |= part == 3 && code.Number == 2); break;
            }
        });
        return new TraceSpan(trace, id, parent, name, scope, start, isError)
        {
            Attributes = attributes,
            Resource = resource,
            Events = [.. events.Select(item => Event(item.CreateCodedInput(), trace, id))],
        };
    }

    private static TraceEvent Event(CodedInputStream input, string trace, string span)
    {
        var (time, name) = (0UL, "");
        var attributes = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        Fields(input, (field, value) =>
        {
            switch (field)
            {
                case 1: time = value.Number; break;
                case 2: name = value.Bytes.ToStringUtf8(); break;
                case 3: Add(Stream(value), attributes, depth: 0); break;
            }
        });
        return new TraceEvent(trace, span, name, time, Body: null) { Attributes = attributes };
    }

    private static TraceEvent? Record(CodedInputStream input)
    {
        var (time, name, trace, span, body) = (0UL, "", "", "", (JsonNode?)null);
        var attributes = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        Fields(input, (field, value) =>
        {
            switch (field)
            {
                case 1: time = value.Number; break;
                case 5: body = Value(Stream(value), depth: 0); break;
                case 6: Add(Stream(value), attributes, depth: 0); break;
                case 9: trace = Hex(value); break;
                case 10: span = Hex(value); break;
                case 12: name = value.Bytes.ToStringUtf8(); break;
            }
        });
        name = name.Length > 0 ? name : TraceValues.Text(attributes.GetValueOrDefault("event.name")) ?? "";
        return name.Length == 0 ? null : new TraceEvent(trace, span, name, time, body) { Attributes = attributes };
    }

    private static Dictionary<string, JsonNode?> Attributes(CodedInputStream input, int attributeField)
    {
        var attributes = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        Fields(input, (field, value) =>
        {
            if (field == attributeField)
            {
                Add(Stream(value), attributes, depth: 0);
            }
        });
        return attributes;
    }

    /// <summary>Adds a key with its value.</summary>
    private static void Add(CodedInputStream input, Dictionary<string, JsonNode?> attributes, int depth)
    {
        var (key, content) = ("", (JsonNode?)null);
        Fields(input, (field, value) =>
        {
            if (field == 1)
            {
                key = value.Bytes.ToStringUtf8();
            }
            else if (field == 2)
            {
                content = Value(Stream(value), depth);
            }
        });
        attributes[key] = content;
    }

    private static JsonNode? Value(CodedInputStream input, int depth)
    {
        if (depth > Deepest)
        {
            throw new FormatException($"a value nests more than {Deepest} deep.");
        }

        JsonNode? content = null;
        Fields(input, (field, value) => content = field switch
        {
            1 => JsonValue.Create(value.Bytes.ToStringUtf8()),
            2 => JsonValue.Create(value.Number != 0),
            3 => JsonValue.Create((long)value.Number),
            4 when BitConverter.UInt64BitsToDouble(value.Number) is var number && double.IsFinite(number) => JsonValue.Create(number),
            5 => Items(Stream(value), depth),
            6 => new JsonObject(Pairs(Stream(value), depth)),
            7 => JsonValue.Create(value.Bytes.ToBase64()),
            _ => content,
        });
        return content;
    }

    private static JsonArray Items(CodedInputStream input, int depth)
    {
        var items = new JsonArray();
        Fields(input, (field, value) =>
        {
            if (field == 1)
            {
                items.Add(Value(Stream(value), depth + 1));
            }
        });
        return items;
    }

    private static Dictionary<string, JsonNode?> Pairs(CodedInputStream input, int depth)
    {
        var pairs = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        Fields(input, (field, value) =>
        {
            if (field == 1)
            {
                Add(Stream(value), pairs, depth + 1);
            }
        });
        return pairs;
    }

    private static string Hex((ByteString Bytes, ulong Number) value) => Convert.ToHexStringLower(value.Bytes.Span);

    private static CodedInputStream Stream((ByteString Bytes, ulong Number) value) => value.Bytes.CreateCodedInput();

    /// <summary>Hands over every field with its number, and its bytes or its number's bits.</summary>
    private static void Fields(CodedInputStream input, Action<int, (ByteString Bytes, ulong Number)> take)
    {
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.Varint: take(field, (ByteString.Empty, input.ReadUInt64())); break;
                case WireFormat.WireType.Fixed64: take(field, (ByteString.Empty, input.ReadFixed64())); break;
                case WireFormat.WireType.Fixed32: take(field, (ByteString.Empty, input.ReadFixed32())); break;
                case WireFormat.WireType.LengthDelimited: take(field, (input.ReadBytes(), 0)); break;
                default: input.SkipLastField(); break;
            }
        }
    }
}
