using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>How many operations writing an expression takes, counted as sympy's <c>count_ops</c> does.</summary>
internal static class OperationCount
{
    public static int Of(Expression expression) => expression switch
    {
        Exact number => (number.Sign < 0 ? 1 : 0) + (number.IsInteger ? 0 : 1),
        Product product => OfProduct(product),
        Sum sum => OfSum(sum),
        Power { Exponent: Number { IsMinusOne: true } } power => 1 + Of(power.Base),
        Power { Base: Constant constant } power when constant == Constant.E => 1 + Of(power.Exponent),
        Power power => 1 + Of(power.Base) + Of(power.Exponent),
        Constant constant => constant == Constant.E ? 1 : 0,
        Call or Relational => 1 + expression.Parts.Sum(Of),
        _ => expression.Parts.Sum(Of),
    };

    /// <summary>The one that takes the fewest operations; the first of equals.</summary>
    public static Expression Shortest(params Expression[] choices) => choices.MinBy(Of)!;

    private static int OfProduct(Product product)
    {
        if (product.IsNegated())
        {
            var (coefficient, rest) = product.SplitCoefficient();
            return 1 + Of(rest.Scaled(coefficient * Number.MinusOne));
        }

        var (numerator, denominator) = Fraction.Split(product);
        return (numerator, denominator) switch
        {
            (Exact { IsInteger: true } whole, _) when !denominator.IsOne() => 1 + (whole.Sign < 0 ? 1 : 0) + Of(denominator),
            (_, Exact { IsInteger: true }) when !denominator.IsOne() => 1 + Of(numerator),
            _ when !denominator.IsOne() => 1 + Of(denominator) + Of(numerator),
            _ => product.Parts.Count - 1 + product.Parts.Sum(Of),
        };
    }

    private static int OfSum(Sum sum)
    {
        var terms = sum.Parts;
        var negative = terms.Count(term => term.IsNegated());
        var operations = terms.Sum(term => term.IsNegated() ? Of(-term) : Of(term)) + terms.Count - 1;
        return negative == terms.Count ? operations + 1 : operations;
    }
}
