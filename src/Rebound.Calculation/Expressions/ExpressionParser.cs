using System.Numerics;
using Rebound.Calculation.Functions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>
/// Reads an expression by recursive descent and evaluates it on the way. The grammar is the arithmetic part of Python's,
/// with <c>^</c> for powers and <c>!</c> for factorials; nothing but the calculator's own functions can be called.
/// </summary>
/// <remarks>
/// listing = comparison {"," comparison} [","]; comparison = sum {relation sum}; sum = term {("+" | "-") term};
/// term = signed {("*" | "/" | "//" | "%") signed}; signed = ("+" | "-") signed | power; power = postfix [("**" | "^") signed];
/// postfix = atom {"!" | "!!" | "(" [listing] ")"}; atom = number | name | "(" listing ")" | "[" [listing] "]".
/// The grammar needs one token of lookahead and a bound on its depth, which is why it is written out here.
/// </remarks>
internal sealed class ExpressionParser
{
    private readonly List<Token> _tokens;
    private int _next;
    private int _depth;

    private ExpressionParser(string text) => _tokens = new ExpressionLexer(text).Read();

    private Token Here => _tokens[_next];

    /// <summary>The value of an expression.</summary>
    /// <exception cref="CalculationException">It is no expression, or cannot be evaluated.</exception>
    public static Expression Parse(string text)
    {
        if (text.Length > CalculationLimits.Length)
        {
            throw new CalculationException($"the expression is longer than {CalculationLimits.Length} characters.");
        }

        var parser = new ExpressionParser(text);
        if (parser._tokens is [{ Kind: TokenKind.Text } quoted, _])
        {
            return Parse(quoted.Text);
        }

        var value = parser.ListExpression();
        return parser.Here.Kind != TokenKind.End ? throw parser.Unexpected()
            : parser._tokens[0].Text == "[" && value is ListExpression ? throw new CalculationException("a list is no result.")
            : value;
    }

    private Expression ListExpression()
    {
        var items = new List<Expression> { Relational() };
        var isList = false;
        while (Take(","))
        {
            isList = true;
            if (Here.Kind == TokenKind.End || Here.Text is ")" or "]")
            {
                break;
            }

            items.Add(Relational());
        }

        return isList ? new ListExpression(items) : items[0];
    }

    private Expression Relational()
    {
        var left = Sum();
        Expression? result = null;
        while (Here is { Kind: TokenKind.Operator, Text: "<" or "<=" or ">" or ">=" or "==" or "!=" } relation)
        {
            _next++;
            var right = Sum();
            if (result is not (null or BooleanValue))
            {
                throw new CalculationException("a chain of comparisons needs numbers.");
            }

            var holds = relation.Text is "==" or "!="
                ? new BooleanValue(left.Equals(right) == (relation.Text == "=="))
                : Expressions.Relational.Of(relation.Text, left, right);
            result = result is BooleanValue { Value: false } ? result : holds;
            left = right;
        }

        return result ?? left;
    }

    private Expression Sum()
    {
        var total = Term();
        while (Here is { Kind: TokenKind.Operator, Text: "+" or "-" } sign)
        {
            _next++;
            total = sign.Text == "+" ? total + Term() : total - Term();
        }

        return total;
    }

    private Expression Term()
    {
        var product = Signed();
        while (Here is { Kind: TokenKind.Operator, Text: "*" or "/" or "//" or "%" } sign)
        {
            _next++;
            var right = Signed();
            product = sign.Text switch
            {
                "*" => product * right,
                "/" => product / right,
                "//" => FloorDivision(product, right),
                _ => FunctionTable.Apply("Mod", [product, right]),
            };
        }

        return product;
    }

    /// <summary>
    /// <c>//</c> as sympy has it: a fraction divided by an integer loses its digits behind the point first, and an integer
    /// divided by a decimal is divided by what that is in binary.
    /// </summary>
    private static Expression FloorDivision(Expression dividend, Expression divisor) => (dividend, divisor) switch
    {
        (_, Number { IsZero: true }) => throw new CalculationException("division by zero."),
        (Exact { IsInteger: false, Value: var fraction }, Exact { IsInteger: true } whole) =>
            new Exact((new Rational(BigInteger.Divide(fraction.Numerator, fraction.Denominator), 1) / whole.Value).Floor),
        (Exact { IsInteger: true } whole, Approximate real) => new Exact((whole.Value / real.ExactValue).Floor),
        _ => FunctionTable.Apply("floor", [dividend / divisor]),
    };

    private Expression Signed() => Take("-") ? -Within(Signed) : Take("+") ? Within(Signed) : Raised();

    private Expression Raised()
    {
        var @base = Postfix();
        return Take("**") || Take("^") ? Power.Of(@base, Within(Signed)) : @base;
    }

    private Expression Postfix()
    {
        var (value, name) = Atom();
        while (Here is { Kind: TokenKind.Operator, Text: "!" or "!!" or "(" } sign)
        {
            _next++;
            value = sign.Text switch
            {
                "!" => FunctionTable.Apply("factorial", [Valued(value, name)]),
                "!!" => FunctionTable.Apply("factorial2", [Valued(value, name)]),
                _ => FunctionTable.Apply(
                    name ?? throw new CalculationException($"'{value}' is no function; write * to multiply."), Arguments()),
            };
            name = null;
        }

        return Valued(value, name);
    }

    /// <summary>A value, or a name that may be a function's.</summary>
    private (Expression? Value, string? Name) Atom()
    {
        var token = Here;
        _next++;
        switch (token)
        {
            case { Kind: TokenKind.Number }:
                return (token.Value!, null);
            case { Kind: TokenKind.Name }:
                return (null, NameTable.Check(token.Text));
            case { Kind: TokenKind.Operator, Text: "(" }:
                var inner = Here.Text == ")" ? new ListExpression([]) : Within(ListExpression);
                Expect(")");
                return (inner, null);
            case { Kind: TokenKind.Operator, Text: "[" }:
                var items = Here.Text == "]" ? new ListExpression([]) : Within(ListExpression);
                Expect("]");
                return (items as ListExpression ?? new ListExpression([items]), null);
            default:
                _next--;
                throw Unexpected();
        }
    }

    private IReadOnlyList<Expression> Arguments()
    {
        if (Take(")"))
        {
            return [];
        }

        // A list in brackets of its own is one argument; the listing of a call is its arguments.
        var bracketed = Here.Text is "[";
        var arguments = Within(ListExpression);
        Expect(")");
        return arguments is ListExpression { Parts: var parts } && !bracketed ? parts : [arguments];
    }

    private static Expression Valued(Expression? value, string? name) => value ?? NameTable.ValueOf(name!);

    private bool Take(string symbol)
    {
        var taken = Here.Kind == TokenKind.Operator && Here.Text == symbol;
        _next += taken ? 1 : 0;
        return taken;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw Unexpected();
        }
    }

    /// <summary>Parses a nested part, one level deeper.</summary>
    private Expression Within(Func<Expression> read)
    {
        Expression.CheckNesting(++_depth);
        var value = read();
        _depth--;
        return value;
    }

    private CalculationException Unexpected() => Here.Kind == TokenKind.End
        ? new CalculationException("the expression ends too early.")
        : new CalculationException($"'{Here.Text}' at character {Here.Position + 1} does not fit there.");
}
