using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>Powers of one base joined into one: <c>x**a*x**b</c> becomes <c>x**(a + b)</c>.</summary>
internal static class PowerJoining
{
    public static Expression Of(Expression expression) => expression switch
    {
        Product product => OfProduct(product),
        Sum or Power or Call => expression.With([.. expression.Parts.Select(Of)]),
        _ => expression,
    };

    private static Expression OfProduct(Product product)
    {
        var exponents = new Dictionary<Expression, List<Expression>>();
        foreach (var factor in product.Parts.Select(Of))
        {
            var (@base, exponent) = factor is Number ? (factor, Number.One) : factor.SplitPower();
            if (!exponents.TryGetValue(@base, out var own))
            {
                exponents[@base] = own = [];
            }

            own.Add(exponent);
        }

        return Product.Of(exponents.Select(power => Power.Of(power.Key, Sum.Of(power.Value))));
    }
}
