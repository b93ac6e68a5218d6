using System.Numerics;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>
/// The order in which the terms of a sum are written: by the exponents of its bases, the first base's highest first, and
/// then by coefficient.
/// </summary>
internal static class TermOrder
{
    public static IReadOnlyList<Expression> Of(Sum sum)
    {
        if (IsNumberLessMultiple(sum))
        {
            return sum.Parts;
        }

        var terms = sum.Parts.Select(Decompose).ToList();
        var bases = terms.SelectMany(term => term.Exponents.Keys).Distinct()
            .Order(Comparer<Expression>.Create(ExpressionOrder.Written)).ToList();
        Work.Spend((long)terms.Count * bases.Count);
        return terms
            .OrderBy(term => bases.Select(@base => -term.Exponents.GetValueOrDefault(@base)).ToArray(), Lexicographic)
            .ThenBy(term => term.Coefficient.Value.Imaginary != 0)
            .ThenBy(term => term.Coefficient.Value.Imaginary)
            .ThenBy(term => term.Coefficient, Comparer<Wide>.Create(Wide.Compare))
            .Select(term => term.Term)
            .ToList();
    }

    private static readonly Comparer<BigInteger[]> Lexicographic = Comparer<BigInteger[]>.Create(
        (a, b) => a.Zip(b, (x, y) => x.CompareTo(y)).FirstOrDefault(order => order != 0));

    /// <summary>1 − 2x keeps its number in front.</summary>
    private static bool IsNumberLessMultiple(Sum sum) =>
        sum.Parts is [Number { Sign: > 0 } or Constant { Value: > 0 }, Product { Parts: [Number { Sign: < 0 }, _] }];

    private static (Expression Term, Wide Coefficient, Dictionary<Expression, BigInteger> Exponents) Decompose(Expression term)
    {
        var (number, rest) = term.SplitCoefficient();
        var coefficient = NumericValue.Of(number);
        var exponents = new Dictionary<Expression, BigInteger>();
        foreach (var factor in Product.FactorsOf(rest))
        {
            if (factor.IsNumeric)
            {
                coefficient *= NumericValue.Of(factor);
                continue;
            }

            var (@base, exponent) = DecomposePower(factor);
            exponents[@base] = exponent;
        }

        return (term, coefficient, exponents);
    }

    /// <summary>A power as a whole power of a base: x^(3/2) is (x^(1/2))^3, x^(2y) is (x^y)^2.</summary>
    public static (Expression Base, BigInteger Exponent) DecomposePower(Expression factor)
    {
        if (factor is not Power power)
        {
            return (factor, 1);
        }

        if (power.Exponent is Number)
        {
            return power.Exponent is Exact { Value: var exponent }
                ? (Power.Of(power.Base, new Exact(new Rational(1, exponent.Denominator))), exponent.Numerator)
                : (factor, 1);
        }

        var (coefficient, rest) = power.Exponent.SplitCoefficient();
        return coefficient is Exact { Value: var multiple } && !multiple.IsOne
            ? (Power.Of(power.Base, rest.Scaled(new Exact(new Rational(1, multiple.Denominator)))), multiple.Numerator)
            : (factor, 1);
    }
}
