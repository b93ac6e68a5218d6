using System.Text.Json;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Schemas;

/// <summary>Arrays: items by their place, then all others alike.</summary>
internal sealed partial class SchemaCompiler
{
    private Node OfArray(List<SchemaItem> items)
    {
        var (least, most) = Counts(items, "minItems", "maxItems");
        if (items.Find(item => item.Find("uniqueItems")?.ValueKind == JsonValueKind.True) is { } unique && most > 1)
        {
            throw new GrammarException(
                unique.Place, "'uniqueItems' is more than the automaton holds to; take it out, or list what may stand at each place.");
        }

        var rest = Of(items.Select(RestOf));
        var elements = new List<Node>();
        for (var place = 0; place < Math.Max(1, items.Select(item => Places(item).Count).DefaultIfEmpty(0).Max()); place++)
        {
            var element = Of(items.Select(item => Places(item) is { } places && place < places.Count ? places[place] : RestOf(item)));
            if (element == _table.Never)
            {
                most = Math.Min(most, place);
                break;
            }

            elements.Add(element);
        }

        most = rest == _table.Never ? Math.Min(most, elements.Count) : most;
        return least > most ? _table.Never
            : most == 0 ? _table.Literal("[]")
            : _table.Sequence(_table.Literal("["), Elements(elements, rest, least, most), _table.Literal("]"));
    }

    private Node Elements(List<Node> elements, Node rest, int least, int most)
    {
        var (comma, count) = (_table.Literal(Comma), elements.Count);
        var following = most <= count ? _table.Empty : _table.Repeat(
            _table.Sequence(comma, rest), Math.Max(0, least - count), most == Node.Unbounded ? most : most - count);
        for (var place = Math.Min(count, most) - 1; place > 0; place--)
        {
            var next = _table.Sequence(comma, elements[place], following);
            following = place < least ? next : _table.Optional(next);
        }

        var whole = _table.Sequence(elements[0], following);
        return least > 0 ? whole : _table.Optional(whole);
    }

    /// <summary>The subschemas by place: <c>prefixItems</c>, or draft 7's list of <c>items</c>.</summary>
    private static List<SchemaItem> Places(SchemaItem item) =>
        [.. item.Find("items") is { ValueKind: JsonValueKind.Array } ? Entries(item, "items") : Entries(item, "prefixItems")];

    private static SchemaItem RestOf(SchemaItem item)
    {
        var keyword = item.Find("items") is { ValueKind: JsonValueKind.Array } ? "additionalItems" : "items";
        return item.Inner(item.Find(keyword) ?? True, keyword);
    }
}
