using System.Text;
using System.Text.Json;
using Rebound.Grammar.Automata;
using Rebound.Grammar.Texts;

namespace Rebound.Grammar.Schemas;

/// <summary>Objects: declared properties in the schema's order, then others.</summary>
internal sealed partial class SchemaCompiler
{
    private Node OfObject(List<SchemaItem> items)
    {
        var required = items.SelectMany(Required).ToHashSet();
        var nameLimits = items.Where(item => item.Has("propertyNames")).Select(NameLimit).ToList();
        string[] names = [.. items.SelectMany(Declared).Concat(items.SelectMany(Required)).Distinct(StringComparer.Ordinal)];
        var members = new List<(string Name, Node Value)>();
        foreach (var name in names)
        {
            var value = nameLimits.TrueForAll(limit => Matches(limit, name)) ? Of(Applying(items, name)) : _table.Never;
            if (value != _table.Never)
            {
                members.Add((name, value));
            }
            else if (required.Contains(name))
            {
                return _table.Never;
            }
        }

        var pair = _table.Choice(Others(items, names, nameLimits));
        var (least, most) = Counts(items, "minProperties", "maxProperties");
        CheckCounts(items, least, most, members.Count, required.Count);
        return most < required.Count
            ? _table.Never
            : Braces(members, required, pair, most == Node.Unbounded ? most : most - members.Count, least > required.Count);
    }

    /// <param name="mostOthers">Most properties that are not declared.</param>
    /// <param name="needsOne">Whether it must not be empty.</param>
    private Node Braces(List<(string Name, Node Value)> members, HashSet<string> required, Node pair, int mostOthers, bool needsOne)
    {
        var comma = _table.Literal(Comma);
        var rest = _table.Repeat(_table.Sequence(comma, pair), 0, mostOthers);
        var others = mostOthers == 0 ? _table.Never : _table.Sequence(
            pair, _table.Repeat(_table.Sequence(comma, pair), 0, mostOthers == Node.Unbounded ? mostOthers : mostOthers - 1));
        var first = needsOne ? others : _table.Optional(others);
        for (var i = members.Count - 1; i >= 0; i--)
        {
            var (name, value) = members[i];
            var member = _table.Sequence(_table.Literal(JsonText.Quote(name) + Colon), value, rest);
            var next = _table.Sequence(comma, member);
            first = required.Contains(name) ? member : _table.Choice(member, first);
            rest = required.Contains(name) ? next : _table.Choice(next, rest);
        }

        return _table.Sequence(_table.Literal("{"), first, _table.Literal("}"));
    }

    /// <summary>Properties that are not declared: by the patterns that their names match, or by none.</summary>
    private List<Node> Others(List<SchemaItem> items, string[] names, List<Node> nameLimits)
    {
        var patterns = items.SelectMany(item => Members(item, "patternProperties").Select(member => (member.Name, item.Place)))
            .DistinctBy(entry => entry.Name).Select(entry => (entry.Name, Language: Content(entry.Name, entry.Place))).ToList();
        var limit = _table.Common([
            _patterns.Any, _table.Complement(_table.Choice(names.Select(name => _table.Literal(JsonText.Quote(name)[1..^1])))),
            .. nameLimits]);
        for (var i = 0; i < patterns.Count; i++)
        {
            for (var j = i + 1; j < patterns.Count; j++)
            {
                var both = _table.Common(patterns[i].Language, patterns[j].Language, limit);
                if (FiniteAutomaton.Of(both, _table, items[0].Place, _options.MaxStates) != _table.Never)
                {
                    throw new GrammarException(
                        items[0].Place, $"names can match two of 'patternProperties', {patterns[i].Name} and {patterns[j].Name}; make them "
                            + "exclude each other.");
                }
            }
        }

        var pairs = patterns.Select(pattern => Pair(
            _table.Common(limit, pattern.Language),
            Of(items.SelectMany(item => Members(item, "patternProperties").Where(member => member.Name == pattern.Name)
                .Select(member => member.Schema).DefaultIfEmpty(Additional(item)))))).ToList();
        pairs.Add(Pair(
            _table.Common([limit, .. patterns.Select(pattern => _table.Complement(pattern.Language))]), Of(items.Select(Additional))));
        return pairs;

        Node Pair(Node name, Node value)
        {
            var language = value == _table.Never ? value : FiniteAutomaton.Of(name, _table, items.Count > 0 ? items[0].Place : "",
                _options.MaxStates);
            return language == _table.Never ? language : _table.Sequence(Quoted(language), _table.Literal(Colon), value);
        }
    }

    /// <summary>The subschemas of an item that a property's value has to satisfy.</summary>
    private List<SchemaItem> Applying(SchemaItem item, string name)
    {
        var applying = Members(item, "properties").Where(member => member.Name == name)
            .Concat(Members(item, "patternProperties").Where(member => Matches(Content(member.Name, item.Place), name)))
            .Select(member => member.Schema).ToList();
        return applying.Count > 0 ? applying : [Additional(item)];
    }

    private static SchemaItem Additional(SchemaItem item)
    {
        string[] applicators = ["allOf", "anyOf", "oneOf", "$ref"];
        if (item.Find("additionalProperties") is { } additional)
        {
            return item.Inner(additional, "additionalProperties");
        }

        return item.Find("unevaluatedProperties") is not { } others ? item.Inner(True, "additionalProperties")
            : others.ValueKind == JsonValueKind.True || !Array.Exists(applicators, name => item.Element.TryGetProperty(name, out _))
                ? item.Inner(others, "unevaluatedProperties")
                : throw new GrammarException(
                    item.Place, "'unevaluatedProperties' beside allOf, anyOf, oneOf or $ref is more than the automaton holds to; say it by "
                        + "'additionalProperties' in each.");
    }

    /// <summary>The language of names that <c>propertyNames</c> allows, without quotes.</summary>
    private Node NameLimit(SchemaItem item)
    {
        string[] known = ["type", "pattern", "format", "minLength", "maxLength", "title", "description", "$ref", "allOf", "$comment"];
        if (Expand([item.Inner(item.Find("propertyNames")!.Value, "propertyNames")]) is not { } limits)
        {
            return _table.Never;
        }

        var names = limits.SelectMany(limit => limit.Element.EnumerateObject()).Select(member => member.Name);
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } other)
        {
            throw new GrammarException(
                item.Place, $"'propertyNames' has '{other}', and is held to with pattern, format, minLength and maxLength alone.");
        }

        var (least, most) = Counts(limits, "minLength", "maxLength");
        return least > most || !TypesOf(limits).Contains("string")
            ? _table.Never
            : _table.Common([_table.Repeat(_text.AnyCanonical, least, most), .. Contents(limits)]);
    }

    private static readonly JsonElement True = JsonElement.Parse("true");

    private static IEnumerable<(string Name, SchemaItem Schema)> Members(SchemaItem item, string keyword) => item.Find(keyword) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Object } members =>
            members.EnumerateObject().Select(member => (member.Name, item.Inner(member.Value, keyword, member.Name))),
        _ => throw item.Wrong(keyword, "an object of schemas"),
    };

    private static IEnumerable<string> Declared(SchemaItem item) => Members(item, "properties").Select(member => member.Name);

    private static IEnumerable<string> Required(SchemaItem item) => item.Find("required") switch
    {
        null or { ValueKind: JsonValueKind.True or JsonValueKind.False } => [],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(entry =>
            entry.ValueKind == JsonValueKind.String ? entry.GetString()! : throw item.Wrong("required", "a list of names")),
        _ => throw item.Wrong("required", "a list of names"),
    };

    private static void CheckCounts(List<SchemaItem> items, int least, int most, int declared, int required)
    {
        if (least > Math.Max(required, 1))
        {
            throw new GrammarException(
                items[0].Place, $"'minProperties' asks for {least} and {required} are required; more than one that "
                    + "is not named is not held to.");
        }

        if (most < Node.Unbounded && most < declared)
        {
            throw new GrammarException(
                items[0].Place, $"'maxProperties' allows {most} and {declared} are declared; counts of declared ones are not held to.");
        }
    }

    private bool Matches(Node language, string name) =>
        _table.Follow(language, Encoding.UTF8.GetBytes(JsonText.Quote(name)[1..^1])).IsNullable;
}
