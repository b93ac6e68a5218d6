using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Grammar.Tests;

/// <summary>Documents of the automata of hundreds of schemas, and JsonSchema.Net's word on them.</summary>
public sealed class SchemaDocumentTests
{
    private const int SchemasOfAKind = 45;

    public static TheoryData<string> Kinds => [.. SchemaKinds.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_document_of_a_grammar_is_valid_and_changed_ones_are_taken_where_they_are(string kind)
    {
        for (var seed = 0; seed < SchemasOfAKind; seed++)
        {
            var random = new Random(seed);
            var schema = new SchemaKinds(random).Make(kind).ToJsonString();
            Check($"{kind} {seed}", schema, random, walks: 3);
        }
    }

    /// <summary>A schema for each keyword that documentation names and the random ones seldom or never have.</summary>
    [Theory]
    [InlineData("""{"type": "object", "propertyNames": {"pattern": "^[a-z_]{1,24}$"}, "additionalProperties": {"type": ["string", "number"]}}""")]
    [InlineData("""{"type": "object", "propertyNames": {"minLength": 2, "maxLength": 5}}""")]
    [InlineData("""{"type": "object", "propertyNames": {"format": "date"}, "minProperties": 1}""")]
    [InlineData("""{"type": "object", "propertyNames": {"$ref": "#/$defs/n"}, "$defs": {"n": {"type": "string", "pattern": "^x"}}}""")]
    [InlineData("""{"type": "object", "propertyNames": true}""")]
    [InlineData("""{"type": "object", "propertyNames": {"maxLength": 3}, "properties": {"long_name": {"type": "null"}, "abc": {"type": "integer"}}}""")]
    [InlineData("""{"type": "object", "patternProperties": {"^x_[a-z]{1,12}$": {"type": "integer"}}, "additionalProperties": false, "minProperties": 1}""")]
    [InlineData("""{"type": "object", "patternProperties": {"^a": {"type": "integer"}, "^b": {"type": "string"}}, "additionalProperties": {"type": "null"}}""")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}}, "patternProperties": {"^b": {"type": "boolean"}}}""")]
    [InlineData("""{"type": "object", "properties": {"a": {}, "b": {}}, "maxProperties": 2, "additionalProperties": false}""")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}}, "unevaluatedProperties": false, "required": ["a"]}""")]
    [InlineData("""{"type": "array", "prefixItems": [{"type": "integer"}], "items": false, "minItems": 1}""")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1.5}""")]
    [InlineData("""{"type": "integer", "multipleOf": 7, "minimum": -50, "maximum": 50}""")]
    [InlineData("""{"$id": "https://example.org/t", "$ref": "#node", "$defs": {"n": {"$anchor": "node", "type": "array", "items": {"$ref": "#node"}}}}""")]
    [InlineData("""{"const": {"a": [1, "x", null]}}""")]
    [InlineData("""{"enum": [1, "one", null, true, [2], {"k": 3}]}""")]
    [InlineData("""{"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"a": {"minimum": 3}}}]}""")]
    [InlineData("""{"oneOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]}""")]
    [InlineData("""{"type": "string", "pattern": "^[A-Z][a-z]{2,8}( [A-Z][a-z]{2,8}){0,2}$", "minLength": 4, "maxLength": 20}""")]
    [InlineData("""{"type": "string", "pattern": "^[a-z \"\\\\]*$", "minLength": 2, "maxLength": 9}""")]
    [InlineData("""{"allOf": [{"type": "string", "pattern": "^[a-m]+$"}, {"pattern": "^[f-z]+$"}, {"maxLength": 7}]}""")]
    public void Every_keyword_is_held_to(string schema) => Check(schema, schema, new Random(1), walks: 60);

    private static void Check(string name, string schema, Random random, int walks)
    {
        var grammar = JsonGrammar.Compile(schema);
        var oracle = new SchemaOracle(schema);
        for (var walk = 0; walk < walks; walk++)
        {
            var document = DocumentWalk.Of(grammar, random, escapes: !schema.Contains("Length", StringComparison.Ordinal));
            var read = SchemaOracle.Read(document);

            Assert.True(oracle.Finds(read), $"{name}: {schema}\n{Encoding.UTF8.GetString(document)}");
            for (var change = 0; change < 3; change++)
            {
                var changed = Changed(SchemaOracle.Read(document), random);
                Assert.True(
                    oracle.Finds(changed) == grammar.Accepts(SchemaOracle.Write(changed)),
                    $"{name}: {schema}\n{Encoding.UTF8.GetString(SchemaOracle.Write(changed))} is {oracle.Finds(changed)}");
            }
        }
    }

    /// <summary>A document with one value replaced or left out somewhere.</summary>
    private static JsonNode? Changed(JsonNode? node, Random random)
    {
        if (node is JsonObject { Count: > 0 } members && random.Next(5) > 0)
        {
            var name = members.ElementAt(random.Next(members.Count)).Key;
            if (random.Next(4) == 0)
            {
                members.Remove(name);
            }
            else
            {
                members[name] = Changed(members[name]?.DeepClone(), random);
            }

            return members;
        }

        if (node is JsonArray { Count: > 0 } list && random.Next(5) > 0)
        {
            var place = random.Next(list.Count);
            if (random.Next(4) == 0)
            {
                list.RemoveAt(place);
            }
            else
            {
                list[place] = Changed(list[place]?.DeepClone(), random);
            }

            return list;
        }

        if (node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && random.Next(2) == 0
            && decimal.TryParse(value.ToJsonString(), out var number))
        {
            return Math.Round(number, 3) + (random.Next(3) - 1);
        }

        return random.Next(8) switch
        {
            0 => null,
            1 => random.Next(20) - 10,
            2 => "abc",
            3 => true,
            4 => new JsonArray(),
            5 => new JsonObject(),
            6 => random.Next(-1000, 1000) / 100m,
            _ => "2024-02-29",
        };
    }
}
