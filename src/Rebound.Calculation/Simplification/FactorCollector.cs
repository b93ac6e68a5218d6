using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>
/// Gathers the factors of a product: the number before it, powers by base, and roots of integers, which are joined and
/// reduced so that <c>sqrt(8)*sqrt(2)</c> is 4.
/// </summary>
internal sealed class FactorCollector
{
    private readonly Dictionary<Expression, List<Expression>> _powers = [];
    private readonly Dictionary<BigInteger, Rational> _roots = [];
    private Number _coefficient = Number.One;

    /// <summary>The exponent of −1 that comes from the imaginary unit and from roots of negative numbers.</summary>
    private Rational _turns;

    public void AddRange(IEnumerable<Expression> factors)
    {
        foreach (var factor in factors)
        {
            Add(factor);
        }
    }

    public (Number Coefficient, IReadOnlyList<Expression> Factors) Collect()
    {
        var factors = new List<Expression>();
        foreach (var (@base, exponents) in _powers)
        {
            foreach (var exponent in JoinExponents(exponents))
            {
                Take(Power.Of(@base, exponent), factors);
            }
        }

        TakeRoots(factors);
        TakeTurns(factors);
        factors.Sort(ExpressionOrder.Canonical);
        return (_coefficient, factors);
    }

    private void Add(Expression factor)
    {
        switch (factor)
        {
            case Number number:
                _coefficient *= number;
                break;
            case Product product:
                AddRange(product.Parts);
                break;
            case Constant constant when constant == Constant.I:
                _turns += Rational.Half;
                break;
            case Power { Base: Exact { IsInteger: true } root, Exponent: Exact { IsInteger: false } exponent }:
                AddRoot(root.Value.Numerator, exponent.Value);
                break;
            case BooleanValue or ListExpression or Relational:
                throw new CalculationException("only numbers and symbols can be multiplied.");
            default:
                var (@base, power) = factor.SplitPower();
                if (!_powers.TryGetValue(@base, out var exponents))
                {
                    _powers[@base] = exponents = [];
                }

                exponents.Add(power);
                break;
        }
    }

    private void AddRoot(BigInteger radicand, Rational exponent)
    {
        if (radicand.Sign < 0)
        {
            _turns += exponent;
            radicand = -radicand;
        }

        if (!radicand.IsOne)
        {
            _roots[radicand] = _roots.GetValueOrDefault(radicand) + exponent;
        }
    }

    /// <summary>Exponents that differ by a number alone are added: x^y·x^(2y) is x^(3y), while x^y·x^z stays.</summary>
    private static IEnumerable<Expression> JoinExponents(List<Expression> exponents)
    {
        var sums = new Dictionary<Expression, Number>();
        foreach (var exponent in exponents)
        {
            var (coefficient, rest) = exponent.SplitCoefficient();
            sums[rest] = sums.TryGetValue(rest, out var before) ? before + coefficient : coefficient;
        }

        return sums.Select(sum => Product.Hold(sum.Value, sum.Key));
    }

    /// <summary>Adds a finished power, whatever it came out as.</summary>
    private void Take(Expression power, List<Expression> factors)
    {
        foreach (var factor in Product.FactorsOf(power))
        {
            switch (factor)
            {
                case Number number:
                    _coefficient *= number;
                    break;
                case Constant constant when constant == Constant.I:
                    _turns += Rational.Half;
                    break;
                case Power { Base: Exact { IsInteger: true } root, Exponent: Exact { IsInteger: false } exponent }:
                    AddRoot(root.Value.Numerator, exponent.Value);
                    break;
                default:
                    factors.Add(factor);
                    break;
            }
        }
    }

    private void TakeRoots(List<Expression> factors)
    {
        // Roots of one degree are one root: sqrt(2)·sqrt(3) is sqrt(6). Taking a root out may leave smaller ones.
        while (_roots.Count > 0)
        {
            var (exponent, radicand) = NextRoot();
            var root = Power.Of(new Exact(radicand), new Exact(exponent));
            if (root is Power { Base: Exact { Value: var left } } && left.Equals((Rational)radicand) && !SharesFactor(radicand))
            {
                factors.Add(root);
                continue;
            }

            if (SharesFactor(radicand) && root is Power)
            {
                JoinShared(radicand, exponent);
                continue;
            }

            Take(root, factors);
        }
    }

    private (Rational Exponent, BigInteger Radicand) NextRoot()
    {
        var (first, exponent) = _roots.First();
        var whole = exponent.Floor;
        var fraction = exponent - whole;
        var radicand = BigInteger.One;
        foreach (var (other, power) in _roots.Where(root => (root.Value - root.Value.Floor).Equals(fraction)).ToList())
        {
            _coefficient *= new Exact(new Rational(other, 1).Power(power.Floor));
            radicand *= other;
            _roots.Remove(other);
        }

        return fraction.IsZero ? (Rational.One, BigInteger.One) : (fraction, radicand);
    }

    private bool SharesFactor(BigInteger radicand) =>
        _roots.Keys.Any(other => !BigInteger.GreatestCommonDivisor(other, radicand).IsOne);

    /// <summary>2^(1/2)·6^(1/3) is 2^(5/6)·3^(1/3): the shared factor gets the exponents of both.</summary>
    private void JoinShared(BigInteger radicand, Rational exponent)
    {
        var other = _roots.Keys.First(key => !BigInteger.GreatestCommonDivisor(key, radicand).IsOne);
        var otherExponent = _roots[other];
        var shared = BigInteger.GreatestCommonDivisor(other, radicand);
        _roots.Remove(other);
        AddRoot(shared, exponent + otherExponent);
        AddRoot(radicand / shared, exponent);
        AddRoot(other / shared, otherExponent);
    }

    private void TakeTurns(List<Expression> factors)
    {
        var whole = _turns.Floor;
        var fraction = _turns - whole;
        if (!whole.IsEven)
        {
            _coefficient *= Number.MinusOne;
        }

        if (fraction.Equals(Rational.Half))
        {
            factors.Add(Constant.I);
        }
        else if (!fraction.IsZero)
        {
            factors.Add(Power.Hold(Number.MinusOne, new Exact(fraction)));
        }
    }
}
