using System.Text.Json;

namespace Rebound.Grammar.Schemas;

/// <summary>A schema whole, and the subschemas in it that others refer to.</summary>
internal sealed class SchemaDocument
{
    private const int MostDepth = 64;

    private readonly JsonElement _root;
    private readonly Dictionary<string, SchemaItem> _anchors = [];

    private SchemaDocument(JsonElement root) => _root = root;

    public SchemaItem Root => new(_root, "");

    /// <exception cref="GrammarException">It is no JSON, or too large.</exception>
    public static SchemaDocument Parse(string schema, int maxLength)
    {
        if (schema.Length > maxLength)
        {
            throw new GrammarException(null, $"it has {schema.Length} characters, and may have {maxLength}; shorten it.");
        }

        try
        {
            using var parsed = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = MostDepth });
            var document = new SchemaDocument(parsed.RootElement.Clone());
            document.FindAnchors(document.Root);
            return document;
        }
        catch (JsonException e)
        {
            throw new GrammarException(null, $"it is no JSON of at most {MostDepth} levels, from line {e.LineNumber + 1} on.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new GrammarException(null, "a text in it has half of a surrogate pair, which is no character.", e);
        }
    }

    /// <summary>The subschema that a reference names.</summary>
    /// <exception cref="GrammarException">It is not in this schema.</exception>
    public SchemaItem Resolve(SchemaItem from, JsonElement reference)
    {
        var text = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : throw from.Wrong("$ref", "a text");
        if (_anchors.TryGetValue(text, out var anchored))
        {
            return anchored;
        }

        if (!text.StartsWith('#'))
        {
            throw new GrammarException(
                from.Place, $"$ref names '{text}', and only what is in the schema itself ('#…') is read; put it under '$defs'.");
        }

        var item = Root;
        foreach (var escaped in Uri.UnescapeDataString(text[1..]).Split('/').Skip(1))
        {
            var part = escaped.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var element = item.Element;
            var found = element.ValueKind switch
            {
                JsonValueKind.Object => element.TryGetProperty(part, out element),
                JsonValueKind.Array => int.TryParse(part, out var index) && index >= 0 && index < element.GetArrayLength()
                    && (element = element[index]).ValueKind != JsonValueKind.Undefined,
                _ => false,
            };
            item = found ? item.Inner(element, part) : throw Missing(from, text);
        }

        return text.Length > 1 && item.Place.Length == 0 ? throw Missing(from, text) : item;
    }

    private static GrammarException Missing(SchemaItem from, string text) =>
        new(from.Place, $"$ref names '{text}', which the schema does not have.");

    /// <summary>Names that subschemas have by <c>$anchor</c> and <c>$id</c>. Every text is read on the way.</summary>
    /// <exception cref="InvalidOperationException">A text is none.</exception>
    private void FindAnchors(SchemaItem item)
    {
        if (item.Element.ValueKind == JsonValueKind.String)
        {
            item.Element.GetString();
        }

        if (item.Element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var entry in item.Element.EnumerateArray())
            {
                FindAnchors(item.Inner(entry, $"{index++}"));
            }
        }

        if (item.Element.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in item.Element.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.String && property.Name is "$anchor" or "$id")
            {
                var name = property.Value.GetString()!;
                _anchors.TryAdd(property.Name == "$id" ? name : $"#{name}", item);
            }

            FindAnchors(item.Inner(property.Value, property.Name));
        }
    }
}
