using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>Terms added up: no sum among them, equal ones joined, a number at most, first.</summary>
internal sealed class Sum : Expression
{
    private Sum(IReadOnlyList<Expression> terms)
        : base(terms)
    {
    }

    /// <summary>The sum in canonical form, which need not be a <see cref="Sum"/>.</summary>
    public static Expression Of(params IEnumerable<Expression> terms)
    {
        Number? numbers = null;
        var coefficients = new Dictionary<Expression, Number>();
        Collect(terms, ref numbers, coefficients);
        var total = numbers ?? Number.Zero;

        var kept = coefficients.Where(term => !term.Value.IsZero).Select(term => term.Key.Scaled(term.Value)).ToList();
        if (total == Infinite.NotANumber)
        {
            return total;
        }

        if (total is Infinite)
        {
            // Whatever is finite is lost beside the infinite; what has no value may be infinite itself.
            kept.RemoveAll(term => term.IsNumeric);
        }

        kept.Sort(ExpressionOrder.Canonical);
        if (total is not Exact { IsZero: true } && !(total.IsZero && kept.Count > 0))
        {
            kept.Insert(0, total);
        }

        return kept.Count switch
        {
            0 => Number.Zero,
            1 => kept[0],
            _ => new Sum(kept),
        };
    }

    /// <summary>Its terms; the expression itself where it is no sum.</summary>
    public static IReadOnlyList<Expression> TermsOf(Expression expression) => expression is Sum sum ? sum.Parts : [expression];

    public override Expression With(IReadOnlyList<Expression> parts) => Of(parts);

    protected override string MakeKey() => MakeKey("+");

    private static void Collect(IEnumerable<Expression> terms, ref Number? total, Dictionary<Expression, Number> coefficients)
    {
        foreach (var term in terms)
        {
            switch (term)
            {
                case Number number:
                    total = total is null ? number : total + number;
                    break;
                case Sum inner:
                    Collect(inner.Parts, ref total, coefficients);
                    break;
                case BooleanValue or ListExpression or Relational:
                    throw new CalculationException("only numbers and symbols can be added.");
                default:
                    var (coefficient, rest) = term.SplitCoefficient();
                    coefficients[rest] = coefficients.TryGetValue(rest, out var before) ? before + coefficient : coefficient;
                    break;
            }
        }
    }
}
