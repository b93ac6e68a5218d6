using System.Text.Json;
using Rebound.Grammar;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>
/// The form that an answer is held to: that of <c>response_format</c> or of another server's member, or of calls that are required.
/// </summary>
internal static class AnswerFormat
{
    private const string Format = "response_format";
    private const string Outputs = "structured_outputs";
    private const string Choice = "choice";
    private const string Regex = "regex";
    private const string Grammar = "grammar";

    /// <returns>Null for any text.</returns>
    /// <exception cref="ApiException">The format is none that an answer can be held to.</exception>
    public static ITokenConstraint? Read(ChatRequest request, ToolOffer offer, AnswerForms forms) => offer.IsRequired
        ? Compiled("tools", () =>
            forms.Of(RequiredCalls.Schema(offer.Tools!.Value, offer.Named, onlyOne: request.ParallelToolCalls == false)))
        : Read(request, forms);

    /// <inheritdoc cref="Read(ChatRequest, ToolOffer, AnswerForms)"/>
    public static ITokenConstraint? Read(GenerationMembers request, AnswerForms forms)
    {
        (string Member, Func<GrammarConstraint?> Read)[] given =
        [
            .. Given(Format, request.ResponseFormat, format => OfFormat(format, forms)),
            .. Given(Outputs, request.StructuredOutputs, outputs => OfOutputs(outputs, forms)),
            .. Given("guided_json", request.GuidedJson, schema => forms.Of(SchemaText(schema))),
            .. Given("guided_regex", request.GuidedRegex, pattern => OfPattern("guided_regex", pattern, forms)),
            .. Given("guided_choice", request.GuidedChoice, choices => OfChoices("guided_choice", choices, forms)),
            .. Given("guided_grammar", request.GuidedGrammar, grammar => OfGrammar("guided_grammar", grammar, forms)),
            .. Given(Grammar, request.Grammar, grammar => OfGrammar(Grammar, grammar, forms)),
        ];
        var found = given.Select(form => (form.Member, Constraint: Compiled(form.Member, form.Read)))
            .Where(form => form.Constraint is not null).ToArray();
        return found switch
        {
            [] => null,
            [var only] => only.Constraint,
            [var first, var second, ..] => throw ApiException.Invalid(
                second.Member, $"'{first.Member}' and '{second.Member}' both say a form of the answer; give one."),
        };
    }

    private static IEnumerable<(string Member, Func<GrammarConstraint?> Read)> Given(
        string member, JsonElement? value, Func<JsonElement, GrammarConstraint?> read)
    {
        if (value is { ValueKind: not JsonValueKind.Null } given)
        {
            yield return (member, () => read(given));
        }
    }

    private static GrammarConstraint? Compiled(string member, Func<GrammarConstraint?> compile)
    {
        try
        {
            return compile();
        }
        catch (GrammarException e)
        {
            throw ApiException.Invalid(member, $"The answer cannot be held to this. {e.Message}", e);
        }
    }

    private static GrammarConstraint? OfFormat(JsonElement format, AnswerForms forms) =>
        (format.ValueKind == JsonValueKind.Object ? Text(format, "type") : null) switch
        {
            "text" => null,
            "json_object" => forms.Of(null),
            "json_schema" => forms.Of(Schema(format).GetRawText()),
            _ => throw ApiException.Invalid(
                Format, $"'{Format}' must have the type text, json_object or json_schema, and is {Shortened(format.GetRawText())}."),
        };

    private static GrammarConstraint OfOutputs(JsonElement outputs, AnswerForms forms)
    {
        var given = outputs.ValueKind == JsonValueKind.Object
            ? outputs.EnumerateObject().Where(member => member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)).ToArray()
            : [];
        return given switch
        {
            [{ Name: "json" } json] => forms.Of(SchemaText(json.Value)),
            [{ Name: "json_object", Value.ValueKind: JsonValueKind.True }] => forms.Of(null),
            [{ Name: Regex } regex] => OfPattern($"{Outputs}.{Regex}", regex.Value, forms),
            [{ Name: Choice } choice] => OfChoices($"{Outputs}.{Choice}", choice.Value, forms),
            [{ Name: Grammar } grammar] => OfGrammar($"{Outputs}.{Grammar}", grammar.Value, forms),
            _ => throw ApiException.Invalid(
                Outputs, $"'{Outputs}' must have one of 'json', 'json_object', '{Regex}', '{Choice}' and '{Grammar}', and nothing else: "
                    + $"other forms cannot be kept to. It is {Shortened(outputs.GetRawText())}."),
        };
    }

    private static GrammarConstraint OfPattern(string member, JsonElement pattern, AnswerForms forms) =>
        pattern.ValueKind == JsonValueKind.String
            ? forms.OfPattern(pattern.GetString()!)
            : throw ApiException.Invalid(member, $"'{member}' is {RequestBody.Kind(pattern)}, and must be a regular expression as text.");

    private static GrammarConstraint OfChoices(string member, JsonElement choices, AnswerForms forms) =>
        choices.ValueKind == JsonValueKind.Array && choices.EnumerateArray().All(choice => choice.ValueKind == JsonValueKind.String)
            ? forms.OfChoices([.. choices.EnumerateArray().Select(choice => choice.GetString()!)])
            : throw ApiException.Invalid(member, $"'{member}' must be a list of texts, and is {Shortened(choices.GetRawText())}.");

    private static GrammarConstraint OfGrammar(string member, JsonElement grammar, AnswerForms forms) =>
        grammar.ValueKind == JsonValueKind.String
            ? forms.OfGrammar(grammar.GetString()!)
            : throw ApiException.Invalid(member, $"'{member}' is {RequestBody.Kind(grammar)}, and must be a grammar as text.");

    private static string SchemaText(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.String ? schema.GetString()! : schema.GetRawText();

    /// <summary>The schema of OpenAI's form, or where others have it: beside the type.</summary>
    private static JsonElement Schema(JsonElement format)
    {
        var inner = format.TryGetProperty("json_schema", out var named) && named.ValueKind == JsonValueKind.Object ? named : format;
        return inner.TryGetProperty("schema", out var schema)
            ? schema
            : throw ApiException.Invalid(
                $"{Format}.json_schema", $"'{Format}' lacks its schema: {{\"json_schema\": {{\"name\": …, \"schema\": …}}}}.");
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Shortened(string json) => json.Length > 80 ? json[..80] + "…" : json;
}
