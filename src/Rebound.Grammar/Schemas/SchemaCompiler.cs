using System.Text.Json;
using Rebound.Grammar.Automata;
using Rebound.Grammar.Texts;

namespace Rebound.Grammar.Schemas;

/// <summary>
/// Compiles subschemas that a value has to satisfy together: a rule for every combination of them. Conjunctions are kept as sets, so that
/// <c>allOf</c>, references and what stands beside <c>anyOf</c> need no merging, and recursion ends where a set comes again.
/// </summary>
internal sealed partial class SchemaCompiler
{
    private const int MostChoices = 500;

    private static readonly string[] Types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    private readonly JsonGrammarOptions _options;
    private readonly SchemaDocument _document;
    private readonly NodeTable _table;
    private readonly JsonText _text;
    private readonly PatternLanguage _patterns;
    private readonly NumberLanguage _numbers;
    private readonly Dictionary<string, Node> _compiled = [];
    private readonly Dictionary<string, Rule> _rules = [];
    private readonly Dictionary<string, Node> _contents = [];
    private readonly HashSet<string> _checked = [];

    private SchemaCompiler(SchemaDocument document, NodeTable table, JsonGrammarOptions options)
    {
        (_document, _table, _options) = (document, table, options);
        _text = new JsonText(table);
        _patterns = new PatternLanguage(table, _text.Of);
        _numbers = new NumberLanguage(table);
    }

    private string Comma => _options.Spacing == JsonSpacing.Compact ? "," : ", ";

    private string Colon => _options.Spacing == JsonSpacing.Compact ? ":" : ": ";

    /// <exception cref="GrammarException">The schema cannot be held to.</exception>
    public static Node Compile(SchemaDocument document, NodeTable table, JsonGrammarOptions options)
    {
        var compiler = new SchemaCompiler(document, table, options);
        var root = compiler.Of([document.Root]);
        compiler.CheckLoops();
        NodeTable.Measure(compiler._rules.Values);
        var placed = table.Place(root, level: 0);
        return table.LeftOut > 0
            ? throw new GrammarException(null, $"more than {NodeTable.MostOptions} alternatives begin alike; say it with fewer.")
            : placed == table.Never
                ? throw new GrammarException(
                    root.Rule?.Place,
                    $"no value satisfies it within {options.MaxDepth} levels: what it asks for is a contradiction, or endless.")
                : placed;
    }

    /// <summary>The language of the values that satisfy all of some subschemas.</summary>
    private Node Of(IEnumerable<SchemaItem> items)
    {
        if (Expand(items) is not { } plain)
        {
            return _table.Never;
        }

        var key = string.Join('\n', plain.Select(item => item.Key).Order(StringComparer.Ordinal));
        if (_compiled.TryGetValue(key, out var node))
        {
            return node;
        }

        var place = plain.Count > 0 ? plain[0].Place : "";
        if (_rules.Count >= _options.MaxRules || _table.Made > _options.MaxNodes)
        {
            throw new GrammarException(
                place, $"the schema comes to more than {_options.MaxRules} combinations of subschemas, or {_options.MaxNodes} parts; say "
                    + "it with fewer.");
        }

        var rule = new Rule(place);
        var call = _table.Call(rule);
        _rules.Add(key, rule);
        _compiled.Add(key, call);
        rule.Cost = plain.Exists(item => item.Has("anyOf") || item.Has("oneOf")) ? 0 : 1;
        rule.Body = Body(plain);
        if (rule.Body == _table.Never)
        {
            _compiled[key] = _table.Never;
        }

        return _compiled[key];
    }

    /// <summary>References and <c>allOf</c> in place of themselves; null where a subschema is false.</summary>
    private List<SchemaItem>? Expand(IEnumerable<SchemaItem> items)
    {
        var (plain, seen, pending) = (new List<SchemaItem>(), new HashSet<string>(), new Stack<SchemaItem>(items.Reverse()));
        while (pending.TryPop(out var item))
        {
            if (!seen.Add(item.Key) || item.Element.ValueKind == JsonValueKind.True)
            {
                continue;
            }

            if (item.Element.ValueKind == JsonValueKind.False)
            {
                return null;
            }

            if (item.Element.ValueKind != JsonValueKind.Object)
            {
                throw new GrammarException(item.Place, "a schema is an object, true or false.");
            }

            if (_checked.Add(item.Place))
            {
                SchemaKeywords.Check(item);
            }

            if (item.Element.EnumerateObject().Any())
            {
                plain.Add(item with { Decided = item.Decided | Decided.Parts });
            }

            foreach (var part in Entries(item, "allOf").Reverse())
            {
                pending.Push(part);
            }

            if (item.Find("$ref") is { } reference)
            {
                pending.Push(_document.Resolve(item, reference));
            }
        }

        return plain;
    }

    private Node Body(List<SchemaItem> items)
    {
        if (items.Find(item => item.Has("anyOf")) is { } any)
        {
            return _table.Choice(Branches(items, any, "anyOf", Decided.AnyOf).Select(Of));
        }

        if (items.Find(item => item.Has("oneOf")) is { } one)
        {
            var branches = Branches(items, one, "oneOf", Decided.OneOf).ToList();
            CheckApart(branches, one);
            return _table.Choice(branches.Select(Of));
        }

        if (items.Any(item => item.Has("enum") || item.Has("const")))
        {
            return OfValues(items);
        }

        var types = TypesOf(items);
        return _table.Choice(types.Where(type => type != "integer" || !types.Contains("number")).Select(type => OfType(type, items)));
    }

    private Node OfType(string type, List<SchemaItem> items) => type switch
    {
        "null" => _table.Literal("null"),
        "boolean" => _table.Literals(["true", "false"]),
        "string" => OfString(items),
        "array" => OfArray(items),
        "object" => OfObject(items),
        _ => OfNumber(items, isInteger: type == "integer"),
    };

    /// <summary>The conjunctions that come of each option of a choice.</summary>
    private static IEnumerable<List<SchemaItem>> Branches(List<SchemaItem> items, SchemaItem chooser, string keyword, Decided decided)
    {
        var options = Entries(chooser, keyword).ToList();
        return options.Count is 0 or > MostChoices
            ? throw chooser.Wrong(keyword, $"a list of 1 to {MostChoices} schemas")
            : options.Select(option => items.Select(item => item.Equals(chooser)
                ? chooser with { Decided = chooser.Decided | decided }
                : item).Append(option).ToList());
    }

    /// <summary>The types that all of some subschemas allow; where one says integer, number is not among them.</summary>
    private static HashSet<string> TypesOf(List<SchemaItem> items)
    {
        var types = Types.ToHashSet();
        foreach (var item in items)
        {
            if (item.Find("type") is not { } type)
            {
                continue;
            }

            string[] allowed = type.ValueKind switch
            {
                JsonValueKind.String => [type.GetString()!],
                JsonValueKind.Array => [.. type.EnumerateArray().Select(entry => entry.ValueKind == JsonValueKind.String
                    ? entry.GetString()!
                    : throw item.Wrong("type", "a type or a list of types"))],
                _ => throw item.Wrong("type", "a type or a list of types"),
            };
            if (Array.Find(allowed, name => !Types.Contains(name)) is { } unknown)
            {
                throw new GrammarException(item.Place, $"the type '{unknown}' is unknown; there are {string.Join(", ", Types)}.");
            }

            types.IntersectWith(allowed.Contains("number") ? allowed.Append("integer") : allowed);
        }

        return types;
    }

    /// <summary>The subschemas of a list; none where the keyword is absent.</summary>
    private static IEnumerable<SchemaItem> Entries(SchemaItem item, string keyword) => item.Find(keyword) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select((entry, i) => item.Inner(entry, keyword, $"{i}")),
        _ => throw item.Wrong(keyword, "a list of schemas"),
    };

    /// <summary>A rule that begins with itself would not come to a byte.</summary>
    private void CheckLoops()
    {
        var (done, open) = (new HashSet<Rule>(), new HashSet<Rule>());
        foreach (var rule in _rules.Values)
        {
            Visit(rule);
        }

        void Visit(Rule rule)
        {
            if (done.Contains(rule))
            {
                return;
            }

            if (!open.Add(rule))
            {
                throw new GrammarException(rule.Place, "it refers to itself with nothing between, so that no value is described.");
            }

            foreach (var called in Beginnings(rule.Body!))
            {
                Visit(called);
            }

            open.Remove(rule);
            done.Add(rule);
        }
    }

    private static IEnumerable<Rule> Beginnings(Node node) => node.Kind switch
    {
        NodeKind.Call => [node.Rule!],
        NodeKind.Choice => node.Options.Nodes.SelectMany(Beginnings),
        _ => [],
    };
}
