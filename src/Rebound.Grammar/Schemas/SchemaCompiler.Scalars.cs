using System.Text.Json;
using Rebound.Grammar.Automata;
using Rebound.Grammar.Texts;

namespace Rebound.Grammar.Schemas;

/// <summary>Strings, numbers, and values that are listed.</summary>
internal sealed partial class SchemaCompiler
{
    private Node OfString(List<SchemaItem> items)
    {
        var (least, most) = Counts(items, "minLength", "maxLength");
        if (OfCharacters(items, least, most) is { } characters)
        {
            return characters;
        }

        var patterns = Contents(items);
        if (least > most)
        {
            return _table.Never;
        }

        if (patterns.Count == 0)
        {
            return Quoted(_table.Repeat(_text.AnyForm, least, most));
        }

        var content = patterns.Count == 1 && least == 0 && most == Node.Unbounded
            ? patterns[0]
            : FiniteAutomaton.Of(
                _table.Common([_table.Repeat(_text.AnyCanonical, least, most), .. patterns]), _table, items[0].Place, _options.MaxStates);
        return content == _table.Never ? content : Quoted(content);
    }

    /// <summary>
    /// A string whose only pattern is a number of characters of one set, so that it is counted as lengths are; null for any other.
    /// </summary>
    private Node? OfCharacters(List<SchemaItem> items, int least, int most)
    {
        SchemaItem[] held = [.. items.Where(item => item.Find("pattern") is not null || item.Find("format") is not null)];
        if (held is not [var item] || item.Find("format") is not null
            || item.Find("pattern") is not { ValueKind: JsonValueKind.String } pattern
            || _patterns.Characters(pattern.GetString()!, item.Place) is not var (character, min, max))
        {
            return null;
        }

        (least, most) = (Math.Max(least, min), Math.Min(most, max));
        return least > most ? _table.Never : Quoted(_table.Repeat(character, least, most));
    }

    private Node Quoted(Node content) => _table.Unit(_table.Sequence(_table.Literal("\""), content, _table.Literal("\"")));

    /// <summary>The languages that patterns and formats allow between the quotes.</summary>
    private List<Node> Contents(List<SchemaItem> items)
    {
        var contents = new List<Node>();
        foreach (var item in items)
        {
            if (item.Find("pattern") is { } pattern)
            {
                contents.Add(Content(pattern.ValueKind == JsonValueKind.String
                    ? pattern.GetString()!
                    : throw item.Wrong("pattern", "a regular expression"), item.Place));
            }

            if (item.Find("format") is { ValueKind: JsonValueKind.String } format
                && Formats.Pattern(format.GetString()!, item.Place) is { } formatted)
            {
                contents.Add(Content(formatted, item.Place));
            }
        }

        return contents;
    }

    private Node Content(string pattern, string place)
    {
        if (!_contents.TryGetValue(pattern, out var content))
        {
            content = FiniteAutomaton.Of(_patterns.Of(pattern, place), _table, place, _options.MaxStates);
            _contents.Add(pattern, content);
        }

        return content;
    }

    private Node OfNumber(List<SchemaItem> items, bool isInteger)
    {
        var bounds = default(NumberBounds);
        ExactDecimal? multiple = null;
        foreach (var item in items)
        {
            if (Number(item, "minimum") is { } minimum)
            {
                bounds = bounds.From(minimum, item.Find("exclusiveMinimum")?.ValueKind == JsonValueKind.True);
            }

            if (Number(item, "maximum") is { } maximum)
            {
                bounds = bounds.To(maximum, item.Find("exclusiveMaximum")?.ValueKind == JsonValueKind.True);
            }

            bounds = Number(item, "exclusiveMinimum") is { } above ? bounds.From(above, excludes: true) : bounds;
            bounds = Number(item, "exclusiveMaximum") is { } below ? bounds.To(below, excludes: true) : bounds;
            if (Number(item, "multipleOf") is { } step && !(isInteger && step.Order(new ExactDecimal(1, 0)) == 0))
            {
                multiple = multiple is { } other && other != step
                    ? throw new GrammarException(item.Place, "two values of 'multipleOf' apply; say it by one.")
                    : step;
            }
        }

        return _numbers.Of(isInteger, bounds, multiple, items.Count > 0 ? items[0].Place : "", _options.MaxStates);
    }

    /// <summary>Draft 4's true and false for exclusive bounds are no numbers.</summary>
    private static ExactDecimal? Number(SchemaItem item, string keyword) => item.Find(keyword) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } when keyword.StartsWith("exclusive", StringComparison.Ordinal) => null,
        { ValueKind: JsonValueKind.Number } value when ExactDecimal.TryParse(value.GetRawText(), out var number) => number,
        _ => throw item.Wrong(keyword, "a number of at most 100 digits"),
    };

    /// <summary>The bounds of a length, of all subschemas.</summary>
    private static (int Least, int Most) Counts(List<SchemaItem> items, string least, string most) => (
        items.Select(item => Count(item, least) ?? 0).DefaultIfEmpty(0).Max(),
        items.Select(item => Count(item, most) ?? Node.Unbounded).DefaultIfEmpty(Node.Unbounded).Min());

    private static int? Count(SchemaItem item, string keyword) => item.Find(keyword) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number) && number >= 0 && number % 1 == 0
            => (int)Math.Min(number, Node.Unbounded - 1),
        _ => throw item.Wrong(keyword, "a whole number of at least 0"),
    };

    /// <summary>The values of enumerations and constants that all else allows.</summary>
    private Node OfValues(List<SchemaItem> items)
    {
        List<JsonElement>? values = null;
        foreach (var item in items)
        {
            List<JsonElement>[] lists = [.. Listed(item)];
            foreach (var list in lists)
            {
                values = values?.FindAll(value => list.Exists(other => JsonElement.DeepEquals(value, other))) ?? list;
            }
        }

        var rest = items.ConvertAll(item => item with { Decided = item.Decided | Decided.Values });
        var types = TypesOf(rest);
        var byType = values!.Where(value => types.Contains(TypeOf(value))).GroupBy(TypeOf);
        return _table.Choice(byType.Select(group => group.Key is "object" or "array"
            ? OfCompound(group, rest)
            : _table.Literals(group.Select(Spell).Where(text => Allows(group.Key, rest, text)))));
    }

    private static IEnumerable<List<JsonElement>> Listed(SchemaItem item)
    {
        if (item.Find("const") is { } constant)
        {
            yield return [constant];
        }

        if (item.Find("enum") is { } list)
        {
            yield return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
                ? [.. list.EnumerateArray()]
                : throw item.Wrong("enum", "a list of values");
        }
    }

    private Node OfCompound(IEnumerable<JsonElement> values, List<SchemaItem> rest)
    {
        string[] harmless = [
            "type", "enum", "const", "title", "description", "default", "examples", "$schema", "$ref", "$defs", "definitions", "allOf",
            "anyOf", "oneOf",
        ];
        return rest.Find(item => item.Element.EnumerateObject().Any(property => !harmless.Contains(property.Name))) is { } other
            ? throw new GrammarException(other.Place, "an enumeration of objects or arrays has other keywords beside it; take them out.")
            : _table.Literals(values.Select(Spell));
    }

    private bool Allows(string type, List<SchemaItem> rest, string text) =>
        _table.Follow(OfType(type, rest), System.Text.Encoding.UTF8.GetBytes(text)).IsNullable;

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Null => "null",
        JsonValueKind.Number => ExactDecimal.TryParse(value.GetRawText(), out var number) && number.IsInteger ? "integer" : "number",
        _ => "boolean",
    };

    /// <summary>A value as this grammar writes it.</summary>
    private string Spell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(Comma, value.EnumerateObject().Select(property =>
            $"{JsonText.Quote(property.Name)}{Colon}{Spell(property.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(Comma, value.EnumerateArray().Select(Spell))}]",
        JsonValueKind.String => JsonText.Quote(value.GetString()!),
        _ => value.GetRawText(),
    };
}
