using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>Expressions as sympy writes them: <c>2*x/3</c>, <c>sqrt(x)</c>, <c>1/(x + 1)</c>.</summary>
internal static class ExpressionText
{
    private const int SumLevel = 40;
    private const int ProductLevel = 50;
    private const int PowerLevel = 60;
    private const int AtomLevel = 1000;

    public static string Of(Expression expression) => expression switch
    {
        Exact number => number.Value.ToString(),
        Approximate number => SympyFloat.Of(number.Value),
        Infinite number => number.Name,
        Symbol symbol => symbol.Name,
        Constant constant => constant.Name,
        BooleanValue truth => truth.Value ? "True" : "False",
        Sum sum => OfSum(sum),
        Product product => OfProduct(product),
        Power power => OfPower(power),
        Relational comparison => comparison.ToText(),
        ListExpression { Parts: [var only] } => $"({only},)",
        ListExpression listing => $"({string.Join(", ", listing.Parts)})",
        Call call => $"{call.Name}({string.Join(", ", call.Parts)})",
        _ => expression.Key,
    };

    private static string OfSum(Sum sum)
    {
        var text = "";
        foreach (var term in TermOrder.Of(sum))
        {
            var written = Of(term);
            var negative = written.StartsWith('-');
            written = negative ? written[1..] : written;
            written = Level(term) < SumLevel ? $"({written})" : written;
            text += text.Length == 0 ? $"{(negative ? "-" : "")}{written}" : $" {(negative ? '-' : '+')} {written}";
        }

        return text;
    }

    private static string OfProduct(Product product)
    {
        var (coefficient, rest) = product.SplitCoefficient();
        var negative = coefficient.Sign < 0;
        coefficient = negative ? coefficient * Number.MinusOne : coefficient;

        var above = new List<string>();
        var below = new List<string>();
        if (coefficient is Exact { Value: var fraction })
        {
            AddUnlessOne(above, new Exact(fraction.Numerator));
            if (!fraction.IsInteger)
            {
                below.Add(new Exact(fraction.Denominator).ToString());
            }
        }
        else
        {
            above.Add(Bracketed(coefficient, ProductLevel));
        }

        foreach (var factor in Product.FactorsOf(rest).Order(Comparer<Expression>.Create(ExpressionOrder.Written)))
        {
            if (factor is Power power && power.Base != Constant.E && power.Exponent.IsNegated())
            {
                var inverse = Power.Of(power.Base, -power.Exponent);
                below.Add(Bracketed(inverse, ProductLevel));
            }
            else
            {
                above.Add(Bracketed(factor, ProductLevel));
            }
        }

        var numerator = above.Count == 0 ? "1" : string.Join('*', above);
        var sign = negative ? "-" : "";
        return below.Count switch
        {
            0 => sign + numerator,
            1 => $"{sign}{numerator}/{below[0]}",
            _ => $"{sign}{numerator}/({string.Join('*', below)})",
        };
    }

    private static void AddUnlessOne(List<string> factors, Exact number)
    {
        if (!number.IsOne)
        {
            factors.Add(number.ToString());
        }
    }

    private static string OfPower(Power power) => (power.Base, power.Exponent) switch
    {
        (Constant constant, _) when constant == Constant.E => $"exp({power.Exponent})",
        (_, Exact { Value: var exponent }) when exponent.Equals(Rational.Half) => $"sqrt({power.Base})",
        (_, Exact { Value: var exponent }) when exponent.Equals(-Rational.Half) => $"1/sqrt({power.Base})",
        (_, Number { IsMinusOne: true }) => $"1/{Bracketed(power.Base, PowerLevel)}",
        _ => $"{Bracketed(power.Base, PowerLevel)}**{Bracketed(power.Exponent, PowerLevel)}",
    };

    private static string Bracketed(Expression expression, int level) =>
        Level(expression) <= level ? $"({Of(expression)})" : Of(expression);

    private static int Level(Expression expression) => expression switch
    {
        Exact { Sign: < 0 } or Approximate { Sign: < 0 } => SumLevel,
        Exact { IsInteger: false } => ProductLevel,
        Sum => SumLevel,
        Product => expression.IsNegated() ? SumLevel : ProductLevel,
        Power { Base: Constant constant } when constant == Constant.E => AtomLevel,
        Power => PowerLevel,
        Relational => 0,
        _ => AtomLevel,
    };
}
