using Rebound.Calculation.Expressions;
using Rebound.Calculation.Functions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>sin² + cos² = 1, and sin/cos = tan.</summary>
internal static class TrigonometricIdentities
{
    public static Expression Apply(Expression expression)
    {
        if (!expression.Has(part => part is Call { Name: "sin" or "cos" }))
        {
            return expression;
        }

        return expression switch
        {
            Sum sum => OfSum(Sum.Of(sum.Parts.Select(Apply))),
            Product product => OfProduct(Product.Of(product.Parts.Select(Apply))),
            Power or Call => expression.With([.. expression.Parts.Select(Apply)]),
            _ => expression,
        };
    }

    private static Expression OfSum(Expression expression)
    {
        foreach (var term in Sum.TermsOf(expression))
        {
            var (coefficient, rest) = term.SplitCoefficient();
            if (rest is Power { Base: Call { Name: "sin", Parts: [var argument] }, Exponent: Exact { Value: var two } } && two.Equals(2))
            {
                var partner = Power.Of(FunctionTable.Apply("cos", [argument]), Two).Scaled(coefficient);
                if (Sum.TermsOf(expression).Contains(partner))
                {
                    return Sum.Of([expression, -term, -partner, coefficient]);
                }
            }
        }

        return expression;
    }

    private static Expression OfProduct(Expression expression)
    {
        foreach (var factor in Product.FactorsOf(expression))
        {
            if (factor is Call { Name: "sin", Parts: [var argument] })
            {
                var cosine = FunctionTable.Apply("cos", [argument]);
                if (Product.FactorsOf(expression).Contains(Power.Of(cosine, Number.MinusOne)))
                {
                    return expression * cosine / factor * new Call("tan", [argument]);
                }
            }
        }

        return expression;
    }

    private static readonly Exact Two = new(2);
}
