using System.Text.Json;

namespace Rebound.Grammar.Schemas;

/// <summary>A subschema that a value has to satisfy, without what has been decided of it.</summary>
/// <param name="Element">An object, or true or false.</param>
/// <param name="Place">A JSON pointer.</param>
/// <param name="Decided">Keywords that need no looking at any more.</param>
internal sealed record SchemaItem(JsonElement Element, string Place, Decided Decided = Decided.None)
{
    /// <summary>A name that tells it from others.</summary>
    public string Key => $"{(int)Decided}{Place}";

    public bool Equals(SchemaItem? other) => other is not null && Key == other.Key;

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    public bool Has(string keyword) => Find(keyword) is not null;

    /// <summary>A keyword's value; null where it is absent or decided.</summary>
    public JsonElement? Find(string keyword)
    {
        var skipped = keyword switch
        {
            "anyOf" => Decided.AnyOf,
            "oneOf" => Decided.OneOf,
            "enum" or "const" => Decided.Values,
            "allOf" or "$ref" => Decided.Parts,
            _ => Decided.None,
        };
        return (Decided & skipped) == Decided.None && Element.ValueKind == JsonValueKind.Object
            && Element.TryGetProperty(keyword, out var value)
                ? value
                : null;
    }

    /// <summary>A subschema that is a keyword's value, or an entry of it.</summary>
    public SchemaItem Inner(JsonElement element, params ReadOnlySpan<string> path)
    {
        var place = Place;
        foreach (var part in path)
        {
            place += $"/{part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
        }

        return new SchemaItem(element, place);
    }

    /// <exception cref="GrammarException">The keyword's value is none that it may have.</exception>
    public GrammarException Wrong(string keyword, string allowed) =>
        new(Place, $"'{keyword}' is {Shortened(Find(keyword)?.GetRawText() ?? "absent")}, and must be {allowed}.");

    private static string Shortened(string text) => text.Length > 60 ? $"{text[..60]}…" : text;
}

/// <summary>Keywords of a subschema that have been decided.</summary>
[Flags]
internal enum Decided
{
    None = 0,
    AnyOf = 1,
    OneOf = 2,
    Values = 4,

    /// <summary>All that it refers to stands beside it.</summary>
    Parts = 8,
}
