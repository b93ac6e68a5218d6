using System.Text.Json;
using Rebound.Grammar;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>The form that an answer is held to: that of <c>response_format</c>, or of calls that are required.</summary>
internal static class AnswerFormat
{
    private const string Member = "response_format";

    /// <returns>Null for any text.</returns>
    /// <exception cref="ApiException">The format is none that an answer can be held to.</exception>
    public static ITokenConstraint? Read(ChatRequest request, ToolOffer offer, AnswerForms forms)
    {
        try
        {
            if (offer.IsRequired)
            {
                return forms.Of(RequiredCalls.Schema(offer.Tools!.Value, offer.Named, onlyOne: request.ParallelToolCalls == false));
            }

            return OfFormat(request.ResponseFormat, forms) ?? OfOthers(request, forms);
        }
        catch (GrammarException e)
        {
            throw ApiException.Invalid(offer.IsRequired ? "tools" : Member, $"The answer cannot be held to this. {e.Message}", e);
        }
    }

    private static JsonConstraint? OfFormat(JsonElement? format, AnswerForms forms)
    {
        if (format is not { ValueKind: not JsonValueKind.Null } given)
        {
            return null;
        }

        return (given.ValueKind == JsonValueKind.Object ? Text(given, "type") : null) switch
        {
            "text" => null,
            "json_object" => forms.Of(null),
            "json_schema" => forms.Of(Schema(given).GetRawText()),
            _ => throw ApiException.Invalid(
                Member, $"'{Member}' must have the type text, json_object or json_schema, and is {Shortened(given.GetRawText())}."),
        };
    }

    /// <summary>The form as other servers' members have it.</summary>
    private static JsonConstraint? OfOthers(ChatRequest request, AnswerForms forms)
    {
        if (request.GuidedJson is { ValueKind: not JsonValueKind.Null } schema)
        {
            return forms.Of(SchemaText(schema));
        }

        if (request.StructuredOutputs is not { ValueKind: not JsonValueKind.Null } outputs)
        {
            return null;
        }

        const string Outputs = "structured_outputs";
        var given = outputs.ValueKind == JsonValueKind.Object
            ? outputs.EnumerateObject().Where(member => member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)).ToArray()
            : [];
        return given switch
        {
            [{ Name: "json" } json] => forms.Of(SchemaText(json.Value)),
            [{ Name: "json_object", Value.ValueKind: JsonValueKind.True }] => forms.Of(null),
            _ => throw ApiException.Invalid(
                Outputs, $"'{Outputs}' must have a schema as 'json', or 'json_object', and nothing else: other forms cannot be kept to."),
        };
    }

    private static string SchemaText(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.String ? schema.GetString()! : schema.GetRawText();

    /// <summary>The schema of OpenAI's form, or where others have it: beside the type.</summary>
    private static JsonElement Schema(JsonElement format)
    {
        var inner = format.TryGetProperty("json_schema", out var named) && named.ValueKind == JsonValueKind.Object ? named : format;
        return inner.TryGetProperty("schema", out var schema)
            ? schema
            : throw ApiException.Invalid(
                $"{Member}.json_schema", $"'{Member}' lacks its schema: {{\"json_schema\": {{\"name\": …, \"schema\": …}}}}.");
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Shortened(string json) => json.Length > 80 ? json[..80] + "…" : json;
}
