using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation.Functions;

/// <summary>Functions that rewrite an expression: expanding, and the derivatives of rational functions.</summary>
internal static class CalculusFunctions
{
    public static readonly IReadOnlyList<(string Name, Function Function)> All =
    [
        ("expand", new(1, 1, arguments => Expansion.Of(arguments[0]))),
        ("simplify", new(1, 1, arguments => new Simplifier().Simplify(arguments[0]))),
        ("diff", new(2, 2, arguments => arguments[1] is Symbol symbol
            ? Derivative(arguments[0], symbol) : throw new CalculationException("diff takes an expression and a symbol."))),
    ];

    private static Expression Derivative(Expression expression, Symbol symbol) => expression switch
    {
        _ when !expression.Has(part => part.Equals(symbol)) => Number.Zero,
        Symbol => Number.One,
        Sum sum => Sum.Of(sum.Parts.Select(term => Derivative(term, symbol))),
        Product product => Sum.Of(product.Parts.Select((factor, i) =>
            Product.Of([Derivative(factor, symbol), .. product.Parts.Where((_, j) => j != i)]))),
        Power { Exponent: Number exponent } power => Product.Of(
            exponent, Power.Of(power.Base, exponent + Number.MinusOne), Derivative(power.Base, symbol)),
        Power power => power * ((Derivative(power.Exponent, symbol) * Logarithm.Of(power.Base))
            + (power.Exponent * Derivative(power.Base, symbol) / power.Base)),
        Call { Name: "sin", Parts: [var inner] } => FunctionTable.Apply("cos", [inner]) * Derivative(inner, symbol),
        Call { Name: "cos", Parts: [var inner] } => -FunctionTable.Apply("sin", [inner]) * Derivative(inner, symbol),
        Call { Name: "log", Parts: [var inner] } => Derivative(inner, symbol) / inner,
        _ => throw new CalculationException($"'{expression}' cannot be differentiated."),
    };
}
