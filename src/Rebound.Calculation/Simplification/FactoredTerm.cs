using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>A term as a number and whole powers of bases, negative ones below the line.</summary>
internal sealed record FactoredTerm(Number Coefficient, Dictionary<Expression, BigInteger> Powers)
{
    /// <summary>The bases below the line, with their exponents above it.</summary>
    public FactoredTerm Denominator => new(
        Number.One, Powers.Where(power => power.Value.Sign < 0).ToDictionary(power => power.Key, power => -power.Value));

    public static FactoredTerm Of(Expression term)
    {
        var (coefficient, rest) = term.SplitCoefficient();
        var powers = new Dictionary<Expression, BigInteger>();
        foreach (var factor in Product.FactorsOf(rest))
        {
            var (@base, exponent) = TermOrder.DecomposePower(factor);
            if (@base is Sum)
            {
                (var content, @base) = CommonFactors.SplitContent(@base);
                coefficient *= (Number)Power.Of(content, new Exact(exponent));
            }

            if (!@base.IsOne())
            {
                powers[@base] = powers.GetValueOrDefault(@base) + exponent;
            }
        }

        return new FactoredTerm(coefficient, powers);
    }

    public FactoredTerm WithCoefficient(Number coefficient) => this with { Coefficient = coefficient };

    /// <summary>The greatest common divisor of two terms: the smaller power of each base, in numerators and in denominators.</summary>
    public FactoredTerm Gcd(FactoredTerm other)
    {
        var coefficient = Coefficient is Exact a && other.Coefficient is Exact b
            ? new Exact(CommonFactors.Gcd(a.Value.Abs, b.Value.Abs))
            : Number.One;
        var shared = Powers
            .Where(power => other.Powers.TryGetValue(power.Key, out var exponent) && exponent.Sign == power.Value.Sign)
            .ToDictionary(power => power.Key, power => BigInteger.MinMagnitude(power.Value, other.Powers[power.Key]));
        return new FactoredTerm(coefficient, shared);
    }

    /// <summary>The larger power of each base, the number left out.</summary>
    public FactoredTerm Lcm(FactoredTerm other)
    {
        var all = new Dictionary<Expression, BigInteger>(Powers);
        foreach (var (@base, exponent) in other.Powers)
        {
            all[@base] = BigInteger.Max(all.GetValueOrDefault(@base), exponent);
        }

        return this with { Powers = all };
    }

    public FactoredTerm Times(FactoredTerm other) => Join(other.Coefficient, other.Powers, 1);

    public FactoredTerm Over(FactoredTerm other) => Join((Number)Power.Of(other.Coefficient, Number.MinusOne), other.Powers, -1);

    public Expression ToExpression() =>
        Product.Of([Coefficient, .. Powers.Select(power => Power.Of(power.Key, new Exact(power.Value)))]);

    private FactoredTerm Join(Number coefficient, Dictionary<Expression, BigInteger> powers, int sign)
    {
        var joined = new Dictionary<Expression, BigInteger>(Powers);
        foreach (var (@base, exponent) in powers)
        {
            joined[@base] = joined.GetValueOrDefault(@base) + (sign * exponent);
        }

        return new FactoredTerm(Coefficient * coefficient, joined.Where(power => !power.Value.IsZero).ToDictionary());
    }
}
