using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>
/// Finds the shortest of an expression's forms, in the steps of sympy's <c>simplify</c>: in lowest terms, brought
/// together, with common factors taken out, expanded.
/// </summary>
internal sealed class Simplifier
{
    /// <summary>A form this much longer than the expression as it was given is not taken.</summary>
    private const double Ratio = 1.7;

    private readonly Effort _effort = new();

    public Expression Simplify(Expression expression)
    {
        switch (expression)
        {
            case Relational comparison:
                return comparison.Simplify(this);
            case ListExpression or Number or Symbol or Constant or BooleanValue:
                return expression;
        }

        var original = Signs.Normalize(expression);
        var inner = SimplifyArguments(original);
        if (inner is not (Sum or Product or Power))
        {
            return inner;
        }

        var result = Shorten(inner);
        return OperationCount.Of(result) > Ratio * OperationCount.Of(original) ? original : result;
    }

    private Expression Shorten(Expression expression)
    {
        expression = TrigonometricIdentities.Apply(PowerJoining.Of(Fraction.Normalize(expression)));
        var (content, primitive) = CommonFactors.SplitContent(expression);
        expression = Product.Of(content, primitive);

        var cancelled = Cancellation.Of(expression, _effort);
        var expanded = OperationCount.Shortest(cancelled, Cancellation.Of(Expansion.Of(cancelled), _effort));
        var together = OperationCount.Shortest(CommonFactors.Together(expression), CommonFactors.Together(expanded));
        var best = OperationCount.Shortest(together, expanded, expression);
        best = CommonFactors.FactorTerms(best);

        best = OperationCount.Shortest(PowerJoining.Of(best), best);
        best = OperationCount.Shortest(best, Cancellation.Of(best, _effort));
        best = OperationCount.Shortest(best, CommonFactors.FactorTerms(best), Expansion.Of(best));
        return ExtractSign(Spread(best));
    }

    /// <summary>The arguments of functions, which are expressions of their own.</summary>
    private Expression SimplifyArguments(Expression expression) => expression switch
    {
        Call call => call.With([.. call.Parts.Select(Simplify)]),
        Sum or Product or Power => expression.With([.. expression.Parts.Select(SimplifyArguments)]),
        _ => expression,
    };

    /// <summary>A number before a sum is multiplied in: <c>2*(x + 1)</c> is <c>2*x + 2</c>.</summary>
    private static Expression Spread(Expression expression) => expression switch
    {
        Product { Parts: [Number number, Sum sum] } => Sum.Of(sum.Parts.Select(term => Product.Of(number, Spread(term)))),
        Sum or Product or Power => expression.With([.. expression.Parts.Select(Spread)]),
        _ => expression,
    };

    private static Expression ExtractSign(Expression expression)
    {
        if (!Signs.CanExtractMinus(expression))
        {
            return expression;
        }

        var (numerator, denominator) = Fraction.Split(expression);
        return Signs.Normalize(-numerator / -denominator);
    }
}
