using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>
/// Greatest common divisors of polynomials, by primitive remainder sequences in one generator after the other (Knuth, The Art
/// of Computer Programming, volume 2, 4.6.1, algorithm E).
/// </summary>
internal static class PolynomialGcd
{
    /// <summary>The divisor with coprime integer coefficients, the highest one positive.</summary>
    public static Polynomial Of(Polynomial a, Polynomial b) => Normalize(In(a, b, 0));

    private static Polynomial In(Polynomial a, Polynomial b, int generator)
    {
        if (a.IsZero || b.IsZero)
        {
            return a.IsZero ? b : a;
        }

        if (generator == a.Generators || a.IsConstant || b.IsConstant)
        {
            return a.Constant(Rational.One);
        }

        if (a.Degree(generator) == 0 && b.Degree(generator) == 0)
        {
            return In(a, b, generator + 1);
        }

        var (contentA, contentB) = (Content(a, generator), Content(b, generator));
        var shared = In(contentA, contentB, generator + 1);
        var (high, low) = (a.DivideExactly(contentA), b.DivideExactly(contentB));
        if (high.Degree(generator) < low.Degree(generator))
        {
            (high, low) = (low, high);
        }

        while (!low.IsZero && low.Degree(generator) > 0)
        {
            var rest = PseudoRemainder(high, low, generator);
            (high, low) = (low, rest.IsZero ? rest : Normalize(rest.DivideExactly(Content(rest, generator))));
        }

        return low.IsZero ? shared * high : shared;
    }

    /// <summary>The greatest common divisor of a generator's coefficients.</summary>
    private static Polynomial Content(Polynomial polynomial, int generator) => polynomial.Coefficients(generator)
        .Where(coefficient => !coefficient.IsZero)
        .Aggregate((a, b) => In(a, b, generator + 1));

    /// <summary>The remainder after the dividend is multiplied so that no fraction appears.</summary>
    private static Polynomial PseudoRemainder(Polynomial dividend, Polynomial divisor, int generator)
    {
        var degree = divisor.Degree(generator);
        var leading = divisor.Coefficients(generator)[degree];
        var rest = dividend;
        while (rest.Degree(generator) is var own && own >= degree)
        {
            var top = rest.Coefficients(generator)[own];
            rest = (rest * leading) - (divisor * top).Shift(generator, own - degree);
        }

        return rest;
    }

    private static Polynomial Normalize(Polynomial polynomial) => polynomial.IsZero
        ? polynomial
        : polynomial * (polynomial.Content.Reciprocal * polynomial.LeadingCoefficient.Sign);
}
