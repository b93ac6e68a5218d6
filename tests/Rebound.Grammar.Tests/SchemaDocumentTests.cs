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
            var grammar = JsonGrammar.Compile(schema);
            var oracle = new SchemaOracle(schema);
            for (var walk = 0; walk < 3; walk++)
            {
                var document = DocumentWalk.Of(grammar, random, escapes: !schema.Contains("Length", StringComparison.Ordinal));
                var read = SchemaOracle.Read(document);

                Assert.True(oracle.Finds(read), $"{kind} {seed}: {schema}\n{Encoding.UTF8.GetString(document)}");
                for (var change = 0; change < 3; change++)
                {
                    var changed = Changed(SchemaOracle.Read(document), random);
                    Assert.True(
                        oracle.Finds(changed) == grammar.Accepts(SchemaOracle.Write(changed)),
                        $"{kind} {seed}: {schema}\n{Encoding.UTF8.GetString(SchemaOracle.Write(changed))} is {oracle.Finds(changed)}");
                }
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
