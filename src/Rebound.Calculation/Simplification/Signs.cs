using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>Where a minus sign belongs: <c>x - 1</c> rather than <c>-(1 - x)</c>.</summary>
internal static class Signs
{
    /// <summary>Whether the negated expression is the simpler one.</summary>
    public static bool CanExtractMinus(Expression expression) => expression switch
    {
        Number number => number.Sign < 0,
        Product product => product.Parts[0] is Number { Sign: < 0 },
        Sum sum => SumIsNegative(sum),
        _ => false,
    };

    /// <summary>Sums inside products and powers with their signs taken out: <c>x*(y - x)</c> becomes <c>-x*(x - y)</c>.</summary>
    public static Expression Normalize(Expression expression) => expression switch
    {
        Sum sum => Sum.Of(sum.Parts.Select(Normalize)),
        Product product => Product.Of(product.Parts.Select(Extract)),
        Power => Extract(expression),
        _ => expression,
    };

    private static Expression Extract(Expression factor)
    {
        var (@base, exponent) = factor.SplitPower();
        @base = @base is Sum sum ? Sum.Of(sum.Parts.Select(Normalize)) : Normalize(@base);
        return @base is Sum && exponent is Exact { IsInteger: true } whole && CanExtractMinus(@base)
            ? Power.Of(-@base, exponent).Scaled(whole.Value.Numerator.IsEven ? Number.One : Number.MinusOne)
            : Power.Of(@base, exponent);
    }

    private static bool SumIsNegative(Sum sum)
    {
        var negative = sum.Parts.Count(CanExtractMinus);
        return (negative * 2).CompareTo(sum.Parts.Count) is var order && order != 0
            ? order > 0
            : ExpressionOrder.Written(sum, Sum.Of(sum.Parts.Select(term => -term))) < 0;
    }
}
