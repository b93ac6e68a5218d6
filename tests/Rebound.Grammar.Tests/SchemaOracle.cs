using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Rebound.Grammar.Tests;

/// <summary>JsonSchema.Net's word on a document.</summary>
internal sealed class SchemaOracle(string schema)
{
    private static readonly EvaluationOptions Options = new() { RequireFormatValidation = true, OutputFormat = OutputFormat.Flag };

    private readonly JsonSchema _schema = JsonSchema.FromText(schema);

    public bool Finds(JsonNode? document) => _schema.Evaluate(JsonSerializer.SerializeToElement(document), Options).IsValid;

    /// <summary>A document as it is read: of members of one name the last counts.</summary>
    public static JsonNode? Read(ReadOnlySpan<byte> document) => Read(JsonElement.Parse(document));

    /// <summary>A document as the grammar writes it.</summary>
    public static byte[] Write(JsonNode? document)
    {
        var text = new StringBuilder();
        Write(document, text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static JsonNode? Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new JsonObject();
                foreach (var property in element.EnumerateObject())
                {
                    members[property.Name] = Read(property.Value);
                }

                return members;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Read)]);
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element);
        }
    }

    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject members:
                text.Append('{').AppendJoin(", ", members.Select(member => $"{Texts.JsonText.Quote(member.Key)}: {Text(member.Value)}")).Append('}');
                break;
            case JsonArray list:
                text.Append('[').AppendJoin(", ", list.Select(Text)).Append(']');
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                text.Append(Texts.JsonText.Quote(value.GetValue<string>()));
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static string Text(JsonNode? node) => Encoding.UTF8.GetString(Write(node));
}
