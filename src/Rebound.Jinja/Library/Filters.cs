using System.Collections.Frozen;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>Jinja's filters, except those that are random, make links, or debug.</summary>
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
