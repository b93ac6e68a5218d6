using System.Text.Json;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Schemas;

/// <summary>Whether the options of <c>oneOf</c> exclude each other, so that it is the same as <c>anyOf</c>.</summary>
internal sealed partial class SchemaCompiler
{
    private const int MostNested = 4;
    private const int MostComparisons = 50_000;

    private int _comparisons;

    private void CheckApart(List<List<SchemaItem>> branches, SchemaItem chooser)
    {
        for (var i = 0; i < branches.Count; i++)
        {
            for (var j = i + 1; j < branches.Count; j++)
            {
                if (!AreApart(branches[i], branches[j], MostNested))
                {
                    throw new GrammarException(
                        chooser.Place, $"options {i} and {j} of 'oneOf' are not known to exclude each other, by type, by values, or by a "
                            + "required property; use 'anyOf', or tell them apart by a constant.");
                }
            }
        }
    }

    /// <summary>Whether no value is known to satisfy both.</summary>
    private bool AreApart(IEnumerable<SchemaItem> a, IEnumerable<SchemaItem> b, int depth)
    {
        if (depth == 0 || ++_comparisons > MostComparisons)
        {
            return false;
        }

        if (Expand(a) is not { } first || Expand(b) is not { } second)
        {
            return true;
        }

        if (OptionsOf(first) is { } options)
        {
            return options.All(option => AreApart(option, second, depth - 1));
        }

        if (OptionsOf(second) is { } others)
        {
            return others.All(option => AreApart(first, option, depth - 1));
        }

        var common = TypesOf(first).Intersect(TypesOf(second)).ToHashSet();
        return common.Where(type => type != "integer" || !common.Contains("number")).All(type => type switch
        {
            "object" => AreObjectsApart(first, second, depth),
            "array" => HasScalarsOnly(first) || HasScalarsOnly(second),
            _ => FiniteAutomaton.Of(
                _table.Common(Scalars(first, type), Scalars(second, type)), _table, first.Concat(second).Select(item => item.Place).First(),
                _options.MaxStates) == _table.Never,
        });
    }

    private bool AreObjectsApart(List<SchemaItem> first, List<SchemaItem> second, int depth)
    {
        if (HasScalarsOnly(first) || HasScalarsOnly(second))
        {
            return true;
        }

        var (ofFirst, ofSecond) = (first.SelectMany(Required).ToHashSet(), second.SelectMany(Required).ToHashSet());
        return ofFirst.Union(ofSecond).Any(name =>
        {
            var values = (First: Applying(first, name), Second: Applying(second, name));
            return ofFirst.Contains(name) && ofSecond.Contains(name)
                ? AreApart(values.First, values.Second, depth - 1)
                : Expand(ofFirst.Contains(name) ? values.Second : values.First) is null;
        });
    }

    private List<SchemaItem> Applying(List<SchemaItem> items, string name) => [.. items.SelectMany(item => Applying(item, name))];

    private static IEnumerable<List<SchemaItem>>? OptionsOf(List<SchemaItem> items) =>
        items.Find(item => item.Has("anyOf")) is { } any ? Branches(items, any, "anyOf", Decided.AnyOf)
        : items.Find(item => item.Has("oneOf")) is { } one ? Branches(items, one, "oneOf", Decided.OneOf)
        : null;

    private static bool HasScalarsOnly(List<SchemaItem> items) => items.SelectMany(Listed).Any(values =>
        values.TrueForAll(value => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)));

    /// <summary>The values of a type that is no object and no array.</summary>
    private Node Scalars(List<SchemaItem> items, string type)
    {
        var lists = items.SelectMany(Listed).ToList();
        return lists.Count == 0 ? OfType(type, items) : _table.Literals(lists
            .Aggregate((kept, list) => kept.FindAll(value => list.Exists(other => JsonElement.DeepEquals(value, other))))
            .Where(value => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)).Select(Spell));
    }
}
