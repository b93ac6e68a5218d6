using Rebound.Calculation.Functions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>
/// The two orders of expressions: the canonical one of the parts of sums and products, and the one in which factors and
/// the bases of terms are written. Both are sympy's.
/// </summary>
internal static class ExpressionOrder
{
    /// <summary>By kind, then by number of parts, then part by part.</summary>
    public static readonly Comparison<Expression> Canonical = CompareCanonical;

    /// <summary>Numbers, names, sums and products by their bases, functions; then exponents and coefficients.</summary>
    public static readonly Comparison<Expression> Written = CompareWritten;

    /// <summary>Functions that come before the others, in this order.</summary>
    private static readonly string[] FirstFunctions =
    [
        "exp", "log", "sin", "cos", "tan", "cot", "sinh", "cosh", "tanh", "coth", "conjugate", "re", "im", "arg",
    ];

    private static int CompareCanonical(Expression a, Expression b)
    {
        Work.Spend(1);
        var order = Kind(a).CompareTo(Kind(b));
        if (order != 0 || a.Equals(b))
        {
            return order;
        }

        if (a is Number x && b is Number y)
        {
            return x is Infinite || y is Infinite ? string.CompareOrdinal(x.Key, y.Key) : Number.Compare(x, y);
        }

        if (a.Parts.Count == 0 || a.Parts.Count != b.Parts.Count)
        {
            return a.Parts.Count == b.Parts.Count ? string.CompareOrdinal(a.Key, b.Key) : a.Parts.Count.CompareTo(b.Parts.Count);
        }

        return CompareParts(a.Parts, b.Parts, CompareCanonical) is var parts && parts != 0 ? parts : string.CompareOrdinal(a.Key, b.Key);
    }

    private static int Kind(Expression expression) => expression switch
    {
        Number => 0,
        Constant => 1,
        Symbol => 2,
        Power { Base: not Constant } => 3,
        Product => 4,
        Sum => 5,
        _ => 6,
    };

    private static int CompareWritten(Expression a, Expression b)
    {
        Work.Spend(1);
        var (coefficientA, restA) = a.SplitCoefficient();
        var (coefficientB, restB) = b.SplitCoefficient();
        if (a is Number || b is Number)
        {
            return a is Number && b is Number ? CompareCanonical(a, b) : a is Number ? -1 : 1;
        }

        var (baseA, exponentA) = Split(restA);
        var (baseB, exponentB) = Split(restB);
        var order = CompareClasses(ClassOf(baseA), ClassOf(baseB));
        order = order != 0 ? order : CompareArguments(baseA, baseB);
        order = order != 0 ? order : CompareWrittenOrEqual(exponentA, exponentB);
        return order != 0 ? order : CompareCanonical(coefficientA, coefficientB);
    }

    private static int CompareWrittenOrEqual(Expression a, Expression b) => a.Equals(b) ? 0 : CompareWritten(a, b);

    private static int CompareArguments(Expression a, Expression b)
    {
        var (left, right) = (Arguments(a), Arguments(b));
        var order = left.Count.CompareTo(right.Count);
        if (order != 0)
        {
            return order;
        }

        return left.Count == 0 ? string.CompareOrdinal(NameOf(a), NameOf(b)) : CompareParts(left, right, CompareWrittenOrEqual);
    }

    /// <summary>A name counts as one argument, as an only argument does.</summary>
    private static IReadOnlyList<Expression> Arguments(Expression expression) => expression switch
    {
        Sum sum => TermOrder.Of(sum),
        Product product => product.Parts.Order(Comparer<Expression>.Create(CompareWritten)).ToList(),
        Power { Base: Constant constant } power when constant == Constant.E => [power.Exponent],
        _ => expression.Parts,
    };

    private static int CompareParts(IReadOnlyList<Expression> a, IReadOnlyList<Expression> b, Comparison<Expression> compare) =>
        a.Zip(b, (x, y) => compare(x, y)).FirstOrDefault(order => order != 0);

    private static (Expression Base, Expression Exponent) Split(Expression expression) =>
        expression is Power power && power.Base != Constant.E ? (power.Base, power.Exponent) : (expression, Number.One);

    private static (int Group, int Rank, string Name) ClassOf(Expression expression) => expression switch
    {
        Number => (1, 0, "Number"),
        Symbol => (2, 0, "Symbol"),
        Constant constant => (2, 0, constant.ClassName),
        Product => (3, 0, "Mul"),
        Sum => (3, 1, "Add"),
        Power { Base: Constant constant } when constant == Constant.E => (4, 10, "exp"),
        Power => (3, 2, "Pow"),
        Call call => (4, Array.IndexOf(FirstFunctions, call.Name) is var rank and >= 0 ? 10 + rank : 10_000, call.Name),
        _ => (5, 0, expression.Key),
    };

    private static int CompareClasses((int Group, int Rank, string Name) a, (int Group, int Rank, string Name) b)
    {
        var order = a.Group != b.Group ? a.Group.CompareTo(b.Group) : a.Rank.CompareTo(b.Rank);
        return order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
    }

    private static string NameOf(Expression expression) => expression switch
    {
        Symbol symbol => symbol.Name,
        Constant constant => constant.Name,
        _ => expression.Key,
    };
}
