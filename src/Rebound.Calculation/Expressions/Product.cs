using Rebound.Calculation.Numbers;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation.Expressions;

/// <summary>Factors multiplied: no product among them, powers of equal bases joined, a number at most, first.</summary>
internal sealed class Product : Expression
{
    private Product(IReadOnlyList<Expression> factors)
        : base(factors)
    {
    }

    /// <summary>The product in canonical form, which need not be a <see cref="Product"/>.</summary>
    public static Expression Of(params IEnumerable<Expression> factors)
    {
        var list = factors.ToList();
        if (list.Count == 2 && TryDistribute(list[0], list[1]) is { } distributed)
        {
            return distributed;
        }

        var collector = new FactorCollector();
        collector.AddRange(list);
        var (coefficient, rest) = collector.Collect();
        return rest is [Sum sum] && coefficient is not Infinite && !coefficient.IsOne && !coefficient.IsZero
            ? Sum.Of(sum.Parts.Select(term => Of(coefficient, term)))
            : Assemble(coefficient, rest);
    }

    /// <summary>A number times an expression, a sum kept whole: <c>2*(x + 1)</c>.</summary>
    public static Expression Hold(Number coefficient, Expression rest) => rest switch
    {
        _ when coefficient.IsOne => rest,
        Sum when !coefficient.IsZero => new Product([coefficient, rest]),
        _ => Of(coefficient, rest),
    };

    /// <summary>Its factors; the expression itself where it is no product.</summary>
    public static IReadOnlyList<Expression> FactorsOf(Expression expression) =>
        expression is Product product ? product.Parts : [expression];

    /// <summary>Canonical factors put together without another look.</summary>
    internal static Expression Assemble(Number coefficient, IReadOnlyList<Expression> factors) => (coefficient, factors) switch
    {
        (Infinite, []) => coefficient,
        (Infinite, _) when coefficient == Infinite.NotANumber => coefficient,
        (Infinite, _) when factors.All(factor => factor.IsNumeric) => coefficient * Direction(factors),
        ({ IsZero: true }, _) => Number.Zero,
        (_, []) => coefficient,
        ({ IsOne: true }, [var only]) => only,
        ({ IsOne: true }, _) => new Product(factors),
        _ => new Product([coefficient, .. factors]),
    };

    public override Expression With(IReadOnlyList<Expression> parts) => Of(parts);

    protected override string MakeKey() => MakeKey("*");

    /// <summary>A fraction times a sum is multiplied out, unless a number stands before the sum already.</summary>
    private static Expression? TryDistribute(Expression a, Expression b)
    {
        (a, b) = b is Exact ? (b, a) : (a, b);
        if (a is not Exact number || number.IsZero || number.IsOne)
        {
            return null;
        }

        return b switch
        {
            Sum sum => Sum.Of(sum.Parts.Select(term => term.Scaled(number))),
            Product { Parts: [Number inner, Sum sum] } => Hold(number * inner, sum),
            _ => null,
        };
    }

    /// <summary>Where infinity goes when it is multiplied by finite factors.</summary>
    private static Number Direction(IReadOnlyList<Expression> factors) =>
        NumericValue.TrySign(new Product(factors)) is { } sign ? new Exact(sign) : Infinite.Complex;
}

/// <summary>Taking expressions apart at their number.</summary>
internal static class Coefficients
{
    /// <summary>The number that an expression begins with, and the rest.</summary>
    public static (Number Coefficient, Expression Remainder) SplitCoefficient(this Expression expression) => expression switch
    {
        Number number => (number, Number.One),
        Product { Parts: [Number number, ..] } product => (number, Product.Assemble(Number.One, [.. product.Parts.Skip(1)])),
        _ => (Number.One, expression),
    };

    /// <summary>A number times a term, itself no sum of terms; a sum is kept whole.</summary>
    public static Expression Scaled(this Expression term, Number coefficient)
    {
        var (inner, rest) = term.SplitCoefficient();
        return rest is Sum
            ? Product.Hold(inner * coefficient, rest)
            : Product.Assemble(inner * coefficient, rest.IsOne() ? [] : Product.FactorsOf(rest));
    }

    public static bool IsOne(this Expression expression) => expression is Number { IsOne: true };

    /// <summary>Whether it begins with a number below zero.</summary>
    public static bool IsNegated(this Expression expression) => expression.SplitCoefficient().Coefficient.Sign < 0;

    /// <summary>The base and exponent of a power; the expression and one otherwise.</summary>
    public static (Expression Base, Expression Exponent) SplitPower(this Expression expression) =>
        expression is Power power ? (power.Base, power.Exponent) : (expression, Number.One);
}
