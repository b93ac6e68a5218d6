using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>A rational function in lowest terms: numerator and denominator expanded, without a common divisor.</summary>
internal sealed class Cancellation
{
    private const int HighestDegree = 200;

    private readonly List<Expression> _generators = [];
    private readonly Effort _effort;
    private bool _hasDecimals;

    private Cancellation(Effort effort) => _effort = effort;

    /// <summary>The expression in lowest terms; powers and functions that are no polynomial count as symbols.</summary>
    public static Expression Of(Expression expression, Effort effort)
    {
        if (expression is Number || expression.Has(part => part is Infinite))
        {
            return expression;
        }

        var factored = CommonFactors.FactorTerms(Signs.Normalize(expression), keepFractions: true);
        var (numerator, denominator) = Fraction.Of(factored);
        var cancellation = new Cancellation(effort);
        cancellation.Collect(numerator);
        cancellation.Collect(denominator);
        if (cancellation._generators.Count == 0)
        {
            return Expansion.Of(expression);
        }

        cancellation._generators.Sort(CompareGenerators);
        return cancellation.Cancel(cancellation.Polynomial(numerator), cancellation.Polynomial(denominator));
    }

    private Expression Cancel(Polynomial numerator, Polynomial denominator)
    {
        if (denominator.IsZero)
        {
            return Infinite.Complex;
        }

        if (numerator.IsZero)
        {
            return Number.Zero;
        }

        var divisor = PolynomialGcd.Of(numerator, denominator);
        (numerator, denominator) = (numerator.DivideExactly(divisor), denominator.DivideExactly(divisor));
        if (_hasDecimals)
        {
            var sign = denominator.LeadingCoefficient.Sign;
            return Expression(numerator * sign) / Expression(denominator * sign);
        }

        var (above, below) = (numerator.Content, denominator.Content * denominator.LeadingCoefficient.Sign);
        var ratio = above / below;
        return Expression(numerator * (above.Reciprocal * ratio.Numerator))
            / Expression(denominator * (below.Reciprocal * ratio.Denominator));
    }

    /// <summary>Notes what the polynomials of an expression are made of.</summary>
    private void Collect(Expression expression)
    {
        switch (expression)
        {
            case Exact:
                return;
            case Approximate:
                _hasDecimals = true;
                return;
            case Sum or Product:
                foreach (var part in expression.Parts)
                {
                    Collect(part);
                }

                return;
            case Power { Exponent: Exact { IsInteger: true, Value.Sign: > 0 } } power:
                Collect(power.Base);
                return;
            default:
                var generator = TermOrder.DecomposePower(expression).Base;
                if (!_generators.Contains(generator))
                {
                    _generators.Add(generator);
                }

                return;
        }
    }

    private Polynomial Polynomial(Expression expression) => expression switch
    {
        Exact number => Term(Monomial.One(_generators.Count), number.Value),
        Approximate number => Term(Monomial.One(_generators.Count), SympyFloat.Decimal(number.Value)),
        Sum sum => sum.Parts.Select(Polynomial).Aggregate((a, b) => a + b),
        Product product => product.Parts.Select(Polynomial).Aggregate((a, b) => a * b),
        Power { Exponent: Exact { IsInteger: true, Value: { Sign: > 0 } exponent } } power => Polynomial(power.Base)
            .Power(Degree(exponent.Numerator)),
        _ => Generator(expression),
    };

    private Polynomial Generator(Expression expression)
    {
        var (@base, exponent) = TermOrder.DecomposePower(expression);
        return Term(Monomial.Of(_generators.Count, _generators.IndexOf(@base), Degree(exponent)), Rational.One);
    }

    private Polynomial Term(Monomial monomial, Rational coefficient) =>
        new(_generators.Count, [KeyValuePair.Create(monomial, coefficient)], _effort);

    private Expression Expression(Polynomial polynomial) => Sum.Of(polynomial.Terms.Select(term => Product.Of(
        [_hasDecimals ? new Approximate(BigFloat.Of(term.Value)) : new Exact(term.Value),
            .. _generators.Select((generator, i) => Power.Of(generator, new Exact(term.Key[i])))])));

    private static int Degree(BigInteger exponent) => BigInteger.Abs(exponent) <= HighestDegree
        ? (int)exponent
        : throw new CalculationException($"polynomials are simplified up to degree {HighestDegree}.");

    /// <summary>x, y and z come first, then p to w, then a to o, then longer names.</summary>
    private static int CompareGenerators(Expression a, Expression b)
    {
        var (left, right) = (a.ToString(), b.ToString());
        var order = Rank(left).CompareTo(Rank(right));
        return order != 0 ? order : string.CompareOrdinal(left, right);
    }

    private static int Rank(string name) => name.TrimEnd("0123456789".ToCharArray()) switch
    {
        [>= 'x' and <= 'z'] => 0,
        [>= 'p' and <= 'w'] => 1,
        [>= 'a' and <= 'o'] => 2,
        _ => 3,
    };
}
