using System.Numerics;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>A base raised to an exponent; <c>exp(x)</c> is the power of e.</summary>
internal sealed class Power : Expression
{
    private Power(Expression @base, Expression exponent)
        : base([@base, exponent])
    {
    }

    public Expression Base => Parts[0];

    public Expression Exponent => Parts[1];

    /// <summary>The power in canonical form, which need not be a <see cref="Power"/>.</summary>
    public static Expression Of(Expression @base, Expression exponent)
    {
        if (@base is BooleanValue or ListExpression or Relational || exponent is BooleanValue or ListExpression or Relational)
        {
            throw new CalculationException("only numbers and symbols have powers.");
        }

        return (@base, exponent) switch
        {
            _ when @base == Infinite.NotANumber || exponent == Infinite.NotANumber => Infinite.NotANumber,
            (_, Exact { IsZero: true }) => Number.One,
            (_, Number { IsOne: true }) => @base,
            (Number { IsOne: true }, not Infinite) => Number.One,
            (Number { IsOne: true }, _) => Infinite.NotANumber,
            (Number a, Number b) => NumberPower.Of(a, b),
            (Constant constant, _) when constant == Constant.I
                && exponent is Exact { IsInteger: true } whole => OfTurns(whole.Value.Numerator),
            (Constant constant, Infinite infinite) => OfConstant(constant, infinite),
            (Constant constant, _) when constant == Constant.E => OfE(exponent),
            (Product product, Exact { IsInteger: true }) => Product.Of(product.Parts.Select(factor => Of(factor, exponent))),
            (Product product, Number) => OfProduct(product, exponent),
            (Power inner, _) => OfPower(inner, exponent),
            _ => new Power(@base, exponent),
        };
    }

    /// <summary>A power kept as it is.</summary>
    public static Expression Hold(Expression @base, Expression exponent) => new Power(@base, exponent);

    public override Expression With(IReadOnlyList<Expression> parts) => Of(parts[0], parts[1]);

    protected override string MakeKey() => MakeKey("^");

    private static Expression OfTurns(BigInteger exponent) => (int)(((exponent % 4) + 4) % 4) switch
    {
        0 => Number.One,
        1 => Constant.I,
        2 => Number.MinusOne,
        _ => -(Expression)Constant.I,
    };

    private static Expression OfConstant(Constant constant, Infinite exponent) => exponent.Sign switch
    {
        null => Infinite.NotANumber,
        > 0 => constant.Value > 1 ? Infinite.Positive : Number.Zero,
        _ => constant.Value > 1 ? Number.Zero : Infinite.Complex,
    };

    /// <summary>e to a logarithm undoes it; e to a multiple of πi is a root of one.</summary>
    private static Expression OfE(Expression exponent)
    {
        if (exponent is Approximate number)
        {
            return new Approximate(Wide.Exp(Wide.Of(number.Value)).ToFloat(number.Value.Precision));
        }

        var (coefficient, rest) = exponent.SplitCoefficient();
        return rest switch
        {
            Call { Name: "log", Parts: [var argument] } => Of(argument, coefficient),
            Product { Parts: [Constant a, Constant b] } when (a, b) == (Constant.I, Constant.Pi) || (a, b) == (Constant.Pi, Constant.I) =>
                coefficient is Exact { Value: var turns } ? NumberPower.OfMinusOne(turns) : new Power(Constant.E, exponent),
            _ => new Power(Constant.E, exponent),
        };
    }

    /// <summary>The positive number before a product comes out of the root: sqrt(4x) is 2·sqrt(x).</summary>
    private static Expression OfProduct(Product product, Expression exponent)
    {
        var positive = product.Parts.Where(factor => factor.IsNumeric && NumericValue.TrySign(factor) > 0).ToList();
        var others = product.Parts.Except(positive).ToList();
        if (positive.Count == 0 && others is [Number { Sign: < 0 } negative, ..] && !negative.IsMinusOne)
        {
            positive = [negative * Number.MinusOne];
            others[0] = Number.MinusOne;
        }

        return positive.Count == 0
            ? new Power(product, exponent)
            : Product.Of([.. positive.Select(factor => Of(factor, exponent)), Of(Product.Of(others), exponent)]);
    }

    /// <summary>(b^e)^f is b^(e·f) where that holds on every branch.</summary>
    private static Expression OfPower(Power inner, Expression exponent)
    {
        var whole = exponent is Exact { IsInteger: true };
        var withinOneTurn = inner.Exponent is Number own && Number.Compare(new Exact(Rational.One), own) >= 0
            && Number.Compare(own, new Exact(-1)) > 0;
        var positiveBase = inner.Base.IsNumeric && NumericValue.TrySign(inner.Base) > 0 && NumericValue.TryReal(inner.Exponent) is not null;
        return whole || withinOneTurn || positiveBase ? Of(inner.Base, inner.Exponent * exponent) : new Power(inner, exponent);
    }
}
