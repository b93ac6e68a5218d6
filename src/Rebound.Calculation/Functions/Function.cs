using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Functions;

/// <summary>A function that the calculator knows.</summary>
/// <param name="Least">The fewest arguments it takes.</param>
/// <param name="Most">The most arguments it takes.</param>
/// <param name="Apply">The value in canonical form; null where the call stays as it is.</param>
/// <param name="Value">Its value in double precision; null for a function whose calls never stay as they are.</param>
internal sealed record Function(
    int Least,
    int Most,
    Func<IReadOnlyList<Expression>, Expression?> Apply,
    Func<Wide[], Wide>? Value = null);
