using System.Text.Json;

namespace Rebound.Grammar.Schemas;

/// <summary>Which keywords of JSON Schema (drafts 7 to 2020-12) are held to, which only annotate, and which are refused.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> Refused =
    [
        "not", "if", "then", "else", "contains", "minContains", "maxContains", "dependencies", "dependentRequired", "dependentSchemas",
        "unevaluatedItems", "contentSchema", "$dynamicRef", "$recursiveRef", "extends", "disallow", "divisibleBy",
    ];

    /// <exception cref="GrammarException">A keyword asks for what the automaton lacks.</exception>
    public static void Check(SchemaItem item)
    {
        foreach (var property in item.Element.EnumerateObject())
        {
            if (Refused.Contains(property.Name) && !IsHarmless(item, property))
            {
                throw new GrammarException(
                    item.Place, $"'{property.Name}' is more than the automaton holds to; take it out, or say it by other keywords.");
            }
        }
    }

    /// <summary>Whether a keyword asks nothing here.</summary>
    private static bool IsHarmless(SchemaItem item, JsonProperty property) => property.Name switch
    {
        "then" or "else" => !item.Has("if"),
        "if" => !item.Has("then") && !item.Has("else"),
        "minContains" or "maxContains" => !item.Has("contains"),
        "unevaluatedItems" => property.Value.ValueKind == JsonValueKind.True,
        "dependencies" or "dependentRequired" or "dependentSchemas" =>
            property.Value.ValueKind == JsonValueKind.Object && !property.Value.EnumerateObject().Any(),
        "contentSchema" => true,
        _ => false,
    };
}
