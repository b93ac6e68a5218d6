using System.Collections.Frozen;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>What may follow <c>|</c>: Jinja's filters, but for those that are random, or for links and debugging.</summary>
internal static class Filters
{
    public static FrozenDictionary<string, Builtin> All { get; } =
        ValueFilters.All
            .Concat(TextFilters.All)
            .Concat(MarkupFilters.All)
            .Concat(SequenceFilters.All)
            .Concat(SelectionFilters.All)
            .Concat(OrderFilters.All)
            .ToFrozenDictionary(filter => filter.Name);
}
