using Rebound.Calculation.Numbers;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation.Expressions;

/// <summary>Expressions as a numerator over a denominator.</summary>
internal static class Fraction
{
    /// <summary>
    /// Splits a product into numerator and denominator as it is written; the terms of a sum are not put over a common denominator.
    /// </summary>
    public static (Expression Numerator, Expression Denominator) Split(Expression expression)
    {
        var (above, below) = (new List<Expression>(), new List<Expression>());
        foreach (var factor in Product.FactorsOf(expression))
        {
            switch (factor)
            {
                case Exact number:
                    above.Add(new Exact(number.Value.Numerator));
                    below.Add(new Exact(number.Value.Denominator));
                    break;
                case Power power when power.Exponent.IsNegated():
                    below.Add(Power.Of(power.Base, -power.Exponent));
                    break;
                default:
                    above.Add(factor);
                    break;
            }
        }

        return (Join(above), Join(below));
    }

    /// <summary>Numerator and denominator of the whole expression, sums over their common denominator; nothing is cancelled.</summary>
    public static (Expression Numerator, Expression Denominator) Of(Expression expression)
    {
        switch (expression)
        {
            case Exact number:
                return (new Exact(number.Value.Numerator), new Exact(number.Value.Denominator));
            case Sum sum:
                return OfSum(sum);
            case Product product:
                var parts = product.Parts.Select(Of).ToList();
                return (Product.Of(parts.Select(part => part.Numerator)), Product.Of(parts.Select(part => part.Denominator)));
            case Power { Exponent: Exact { IsInteger: true, Value: var exponent } } power:
                var (above, below) = Of(power.Base);
                var size = new Exact(exponent.Abs);
                return exponent.Sign < 0 ? (Power.Of(below, size), Power.Of(above, size)) : (Power.Of(above, size), Power.Of(below, size));
            case Power power when power.Exponent.IsNegated():
                return (Number.One, Power.Of(power.Base, -power.Exponent));
            default:
                return (expression, Number.One);
        }
    }

    /// <summary>The expression and everything in it as one fraction.</summary>
    public static Expression Normalize(Expression expression)
    {
        if (expression is not (Sum or Product or Power))
        {
            return expression;
        }

        var (numerator, denominator) = Of(expression.With([.. expression.Parts.Select(Normalize)]));
        return denominator is Exact number ? Product.Hold(new Exact(number.Value.Reciprocal), numerator) : numerator / denominator;
    }

    private static (Expression Numerator, Expression Denominator) OfSum(Sum sum)
    {
        var (content, primitive) = CommonFactors.SplitNumbers(sum);
        var (above, below) = (new Exact(content.Numerator), new Exact(content.Denominator));
        var numerators = new Dictionary<Expression, Expression>();
        foreach (var (numerator, denominator) in Sum.TermsOf(primitive).Select(Of))
        {
            numerators[denominator] = numerators.TryGetValue(denominator, out var before) ? before + numerator : numerator;
        }

        if (numerators.Count == 1)
        {
            var (denominator, numerator) = numerators.Single();
            return (Sum.Of(Sum.TermsOf(numerator).Select(term => term.Scaled(above))), Product.Hold(below, denominator));
        }

        var total = Sum.Of(numerators.Select(own =>
            Product.Of([own.Value, .. numerators.Keys.Where(denominator => !denominator.Equals(own.Key))])));
        return (Product.Hold(above, total), Product.Hold(below, Product.Of(numerators.Keys)));
    }

    private static Expression Join(List<Expression> factors) => factors.Count == 1 ? factors[0] : Product.Of(factors);
}
