using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>Bringing sums over a common denominator and taking out what their terms share, without expanding anything.</summary>
internal static class CommonFactors
{
    /// <summary>Fractions brought together: <c>1/x + 1/y</c> becomes <c>(x + y)/(x*y)</c>.</summary>
    public static Expression Together(Expression expression) => expression switch
    {
        Sum sum => OfTerms([.. sum.Parts.Select(Together)], fraction: true, clear: true),
        Power power => Power.Of(Together(power.Base), Together(power.Exponent)),
        Product or Call => expression.With([.. expression.Parts.Select(Together)]),
        _ => expression,
    };

    /// <summary>Takes common factors out of sums at every level: <c>x*y + x*z</c> becomes <c>x*(y + z)</c>.</summary>
    /// <param name="keepFractions">Whether a fraction before a sum stays there rather than being spread over its terms.</param>
    public static Expression FactorTerms(Expression expression, bool keepFractions = false)
    {
        switch (expression)
        {
            case Power or Call:
                return expression.With([.. expression.Parts.Select(part => FactorTerms(part, keepFractions))]);
            case Sum or Product:
                break;
            default:
                return expression;
        }

        var (content, primitive) = SplitContent(expression, clear: false);
        if (primitive is not Sum sum)
        {
            primitive = primitive is Product product
                ? Product.Of(product.Parts.Select(part => FactorTerms(part, keepFractions)))
                : primitive;
            return Keep(content, primitive, clear: false);
        }

        var terms = sum.Parts.Select(term => FactorTerms(term, keepFractions)).ToList();
        if (terms.All(term => term.IsNegated()))
        {
            content *= Number.MinusOne;
            terms = [.. terms.Select(term => -term)];
        }

        return Keep(content, OfTerms(terms, fraction: false, clear: false), clear: false);
    }

    /// <summary>The rational number that all terms share, and the rest.</summary>
    public static (Number Content, Expression Primitive) SplitContent(Expression expression, bool clear = true)
    {
        switch (expression)
        {
            case Exact number:
                return (number, Number.One);
            case Product product:
                var parts = product.Parts.Select(part => SplitContent(part, clear)).ToList();
                return (parts.Aggregate((Number)Number.One, (all, part) => all * part.Content),
                    Product.Of(parts.Select(part => part.Primitive)));
            case Power { Base: Sum @base, Exponent: Exact { IsInteger: true } } power:
                var (content, primitive) = SplitContent(@base, clear);
                return ((Number)Power.Of(content, power.Exponent), Power.Of(primitive, power.Exponent));
            case Sum sum:
                return OfSum(sum, clear);
            default:
                return (Number.One, expression);
        }
    }

    /// <summary>A number before an expression; a fraction is spread over a sum where a term loses it, unless it is to be cleared.</summary>
    public static Expression Keep(Number coefficient, Expression rest, bool clear)
    {
        if (coefficient.IsMinusOne)
        {
            return -rest;
        }

        if (rest is Sum sum && !clear && coefficient is Exact { IsInteger: false })
        {
            var terms = sum.Parts.Select(term => term.Scaled(coefficient)).ToList();
            if (terms.Any(term => term.SplitCoefficient().Coefficient is Exact { IsInteger: true }))
            {
                return Sum.Of(terms);
            }
        }

        return Product.Hold(coefficient, rest);
    }

    private static (Number Content, Expression Primitive) OfSum(Sum sum, bool clear)
    {
        var rebuilt = Sum.Of(sum.Parts.Select(term => SplitContent(term, clear) is var (own, rest) ? Keep(own, rest, clear: true) : term));
        if (rebuilt is not Sum whole)
        {
            return (Number.One, rebuilt);
        }

        var (content, primitive) = SplitNumbers(whole);
        if (!clear && !content.IsInteger)
        {
            // A fraction stays with the terms as long as one of them is whole.
            var scaled = Sum.TermsOf(primitive).Select(term => term.Scaled(new Exact(new Rational(1, content.Denominator)))).ToList();
            if (scaled.Any(term => term.SplitCoefficient().Coefficient is Exact { IsInteger: true }))
            {
                return (new Exact(content.Numerator), Sum.Of(scaled));
            }
        }

        return (new Exact(content), primitive);
    }

    private static Expression OfTerms(List<Expression> summands, bool fraction, bool clear)
    {
        var terms = summands.SelectMany(Sum.TermsOf).Where(term => term is not Number { IsZero: true }).Select(FactoredTerm.Of).ToList();
        if (terms.Count == 0)
        {
            return Number.Zero;
        }

        if (terms.Count == 1)
        {
            return summands.Count == 1 ? summands[0] : terms[0].ToExpression();
        }

        var shared = terms.Aggregate((a, b) => a.Gcd(b));
        terms = [.. terms.Select(term => term.Over(shared))];
        var denominator = new FactoredTerm(Number.One, []);
        if (fraction)
        {
            denominator = terms.Aggregate(denominator, (all, term) => all.Lcm(term.Denominator));
            terms = [.. terms.Select(term => term.Times(denominator))];
        }

        var total = Sum.Of(terms.Select(term => term.ToExpression()));
        var (content, primitive) = total is Sum several ? SplitNumbers(several) : (Rational.One, total);
        var coefficient = shared.Coefficient * new Exact(content);
        var factors = shared.WithCoefficient(Number.One).ToExpression();
        if (!clear && coefficient is Exact { IsInteger: false, Value: var value } && primitive is Sum sum)
        {
            var scaled = sum.Parts.Select(term => term.Scaled(new Exact(new Rational(1, value.Denominator)))).ToList();
            if (scaled.Any(term => term.SplitCoefficient().Coefficient is Exact { IsInteger: true }))
            {
                (coefficient, primitive) = (new Exact(value.Numerator), Sum.Of(scaled));
            }
        }

        return Keep(coefficient, factors * primitive / denominator.ToExpression(), clear);
    }

    /// <summary>The fraction before all terms of a sum, and the sum without it; a term with a decimal counts as having none.</summary>
    public static (Rational Content, Expression Primitive) SplitNumbers(Sum sum)
    {
        var content = sum.Parts
            .Select(term => term.SplitCoefficient().Coefficient is Exact { Value: var value } ? value.Abs : Rational.One)
            .Aggregate(Gcd);
        return content.IsOne
            ? (content, sum)
            : (content, Sum.Of(sum.Parts.Select(term => term.Scaled(new Exact(content.Reciprocal)))));
    }

    /// <summary>The largest fraction that divides both a whole number of times.</summary>
    public static Rational Gcd(Rational a, Rational b) => new(
        BigInteger.GreatestCommonDivisor(a.Numerator, b.Numerator),
        a.Denominator * b.Denominator / BigInteger.GreatestCommonDivisor(a.Denominator, b.Denominator));
}
