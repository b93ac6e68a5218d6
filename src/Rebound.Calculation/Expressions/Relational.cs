using Rebound.Calculation.Functions;
using Rebound.Calculation.Numbers;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation.Expressions;

/// <summary>A relation whose truth depends on symbols: <c>x &gt; 2</c>, <c>Eq(x, 3)</c>.</summary>
internal sealed class Relational : Expression
{
    private Relational(string relation, Expression left, Expression right)
        : base([left, right]) => Relation = relation;

    /// <summary>The relations that are written as functions.</summary>
    public static readonly IReadOnlyList<(string Name, Function Function)> Functions =
    [
        .. new[] { ("Eq", "Eq"), ("Ne", "Ne"), ("Lt", "<"), ("Le", "<="), ("Gt", ">"), ("Ge", ">=") }.Select(relation =>
            (relation.Item1, new Function(2, 2, arguments => Of(relation.Item2, arguments[0], arguments[1])))),
    ];

    /// <summary>One of &lt;, &lt;=, &gt;, &gt;=, Eq and Ne.</summary>
    public string Relation { get; }

    public Expression Left => Parts[0];

    public Expression Right => Parts[1];

    protected override bool HasValue => false;

    /// <summary>The relation of two expressions, decided where both are numbers or they are the same.</summary>
    public static Expression Of(string relation, Expression left, Expression right)
    {
        if (left is BooleanValue or ListExpression or Relational || right is BooleanValue or ListExpression or Relational)
        {
            throw new CalculationException("only numbers and symbols can be compared.");
        }

        var difference = left - right;
        if (!difference.IsNumeric)
        {
            return left.Equals(right) ? new BooleanValue(Holds(relation, 0)) : new Relational(relation, left, right);
        }

        var order = difference is Number number ? number.Sign : NumericValue.TrySign(difference);
        return order is { } sign ? new BooleanValue(Holds(relation, sign))
            : relation is "Eq" or "Ne" ? new BooleanValue(relation == "Ne")
            : throw new CalculationException("complex numbers have no order.");
    }

    /// <summary>The relation with its sides simplified; a linear one in a single symbol is solved for it.</summary>
    public Expression Simplify(Simplifier simplifier)
    {
        var (left, right) = (simplifier.Simplify(Left), simplifier.Simplify(Right));
        if (Of(Relation, left, right) is not Relational comparison)
        {
            return Of(Relation, left, right);
        }

        return simplifier.Simplify(left - right) is { } difference && Linear.Find(difference) is { } line
            ? Of(line.Slope.Sign < 0 ? Mirrored(Relation) : Relation, line.Symbol, new Exact(-line.Offset / line.Slope))
            : comparison;
    }

    public override Expression With(IReadOnlyList<Expression> parts) => Of(Relation, parts[0], parts[1]);

    public string ToText() => Relation is "Eq" or "Ne" ? $"{Relation}({Left}, {Right})" : $"{Left} {Relation} {Right}";

    protected override string MakeKey() => MakeKey(Relation);

    private static bool Holds(string relation, int order) => relation switch
    {
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        ">=" => order >= 0,
        "Eq" => order == 0,
        _ => order != 0,
    };

    private static string Mirrored(string relation) => relation switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => relation,
    };

    private sealed record Linear(Symbol Symbol, Rational Slope, Rational Offset)
    {
        /// <summary>The parts of <c>slope·symbol + offset</c>; null for any other expression.</summary>
        public static Linear? Find(Expression expression)
        {
            var (offset, term) = expression switch
            {
                Sum { Parts: [Exact number, var only] } => (number.Value, only),
                _ => (Rational.Zero, expression),
            };
            return term.SplitCoefficient() is (Exact slope, Symbol symbol) ? new Linear(symbol, slope.Value, offset) : null;
        }
    }
}
