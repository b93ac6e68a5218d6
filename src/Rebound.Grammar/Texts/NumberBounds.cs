namespace Rebound.Grammar.Texts;

/// <summary>The numbers that a schema allows.</summary>
/// <param name="Least">Null for no bound.</param>
/// <param name="Most">Null for no bound.</param>
internal readonly record struct NumberBounds(ExactDecimal? Least, bool ExcludesLeast, ExactDecimal? Most, bool ExcludesMost)
{
    public bool IsBounded => Least is not null || Most is not null;

    public NumberBounds From(ExactDecimal least, bool excludes) =>
        Least is { } other && (other.Order(least) is var order && (order > 0 || (order == 0 && ExcludesLeast)))
            ? this
            : this with { Least = least, ExcludesLeast = excludes };

    public NumberBounds To(ExactDecimal most, bool excludes) =>
        Most is { } other && (other.Order(most) is var order && (order < 0 || (order == 0 && ExcludesMost)))
            ? this
            : this with { Most = most, ExcludesMost = excludes };

    /// <summary>Those of the numbers with the other sign.</summary>
    public NumberBounds Negated() => new(-Most, ExcludesMost, -Least, ExcludesLeast);
}
