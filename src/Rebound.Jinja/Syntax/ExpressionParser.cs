using Rebound.Files.Messages;
using Rebound.Jinja.Nodes;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Syntax;

/// <summary>Parses expressions, from the loosest binding (inline if) to the tightest (literals and names).</summary>
internal sealed partial class ExpressionParser(TokenStream tokens, ScopeBuilder names)
{
    private static readonly string[] OrderingSymbols = ["==", "!=", "<", "<=", ">", ">="];

    private readonly List<ChatTemplateException> _missing = [];
    private int _nesting;

    /// <summary>Inside a branch that may never run, where an unknown filter or test fails only when it is reached.</summary>
    public bool IsBranch { get; set; }

    /// <summary>Fails if a filter or test does not exist where it would surely be reached.</summary>
    public void CheckNothingIsMissing()
    {
        if (_missing.Count > 0)
        {
            throw _missing[0];
        }
    }

    public Expression ParseExpression()
    {
        if (++_nesting > Nesting.Deepest)
        {
            throw tokens.Error($"the expression {Nesting.TooDeep}");
        }

        StackGuard.Check();
        var expression = ParseConditional();
        _nesting--;
        return expression;
    }

    /// <summary>An expression, or several parted by commas as a tuple. <paramref name="endName"/> ends it too.</summary>
    public Expression ParseTuple(bool withConditional = true, bool isParenthesized = false, string? endName = null)
    {
        var items = new List<Expression>();
        var isTuple = false;
        while (!IsTupleEnd(endName))
        {
            items.Add(withConditional ? ParseExpression() : ParseOr());
            if (!tokens.SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        if (!isTuple && items.Count == 1)
        {
            return items[0];
        }

        return items.Count > 0 || isParenthesized
            ? new SequenceLiteral([.. items], isTuple: true)
            : throw tokens.Error($"expected an expression, got {tokens.Current.Describe()}");
    }

    private bool IsTupleEnd(string? endName) =>
        tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd
        || tokens.Current.IsOperator(")")
        || (endName is not null && tokens.Current.IsName(endName));

    private Expression ParseConditional()
    {
        var missingBefore = _missing.Count;
        var expression = ParseOr();
        while (tokens.SkipName("if"))
        {
            var condition = ParseOr();
            var otherwise = tokens.SkipName("else") ? ParseExpression() : null;
            _missing.RemoveRange(missingBefore, _missing.Count - missingBefore);
            expression = new Conditional(condition, expression, otherwise);
        }

        return expression;
    }

    private Expression ParseOr() => ParseLogical("or", ParseAnd);

    private Expression ParseAnd() => ParseLogical("and", ParseNot);

    private Expression ParseLogical(string name, Func<Expression> parseOperand)
    {
        var first = parseOperand();
        if (!tokens.Current.IsName(name))
        {
            return first;
        }

        var operands = new List<Expression> { first };
        while (tokens.SkipName(name))
        {
            operands.Add(parseOperand());
        }

        return new Logical([.. operands], isOr: name == "or");
    }

    private Expression ParseNot()
    {
        var isNegated = false;
        var isNot = false;
        while (tokens.SkipName("not"))
        {
            isNot = true;
            isNegated = !isNegated;
        }

        var operand = ParseComparison();
        return isNot ? new Unary(operand, value => Boxed.Of(PythonType.IsTrue(value) != isNegated)) : operand;
    }

    private Expression ParseComparison()
    {
        var first = ParseSum();
        var links = new List<(string, Expression)>();
        while (TryReadComparison(out var symbol))
        {
            links.Add((symbol, ParseSum()));
        }

        return links.Count == 0 ? first : new Comparison(first, [.. links]);
    }

    private bool TryReadComparison(out string symbol)
    {
        symbol = tokens.Current.Text;
        if (tokens.Current.Kind == TokenKind.Operator && Array.IndexOf(OrderingSymbols, symbol) >= 0)
        {
            tokens.Next();
            return true;
        }

        if (tokens.Current.IsName("not") && tokens.Ahead.IsName("in"))
        {
            tokens.Next();
            symbol = "not in";
        }

        return tokens.SkipName("in");
    }

    private Expression ParseSum()
    {
        var left = ParseConcatenation();
        while (tokens.Current.IsOperator("+") || tokens.Current.IsOperator("-"))
        {
            if (tokens.SkipOperator("-"))
            {
                var right = ParseConcatenation();
                left = new Binary(left, right, static (_, a, b) => Arithmetic.Subtract(a, b));
                continue;
            }

            var terms = new List<Expression> { left };
            while (tokens.SkipOperator("+"))
            {
                terms.Add(ParseConcatenation());
            }

            left = new Sum([.. terms]);
        }

        return left;
    }

    private Expression ParseConcatenation()
    {
        var first = ParseProduct();
        if (!tokens.Current.IsOperator("~"))
        {
            return first;
        }

        var parts = new List<Expression> { first };
        while (tokens.SkipOperator("~"))
        {
            parts.Add(ParseProduct());
        }

        return new Concatenation([.. parts]);
    }

    private Expression ParseProduct()
    {
        var left = ParsePower();
        while (tokens.Current.Kind == TokenKind.Operator && ProductOf(tokens.Current.Text) is { } operation)
        {
            tokens.Next();
            left = new Binary(left, ParsePower(), operation);
        }

        return left;
    }

    private static BinaryOperation? ProductOf(string symbol) => symbol switch
    {
        "*" => Arithmetic.Multiply,
        "/" => static (_, a, b) => Arithmetic.Divide(a, b),
        "//" => static (_, a, b) => Arithmetic.FloorDivide(a, b),
        "%" => Arithmetic.Modulo,
        _ => null,
    };

    private Expression ParsePower()
    {
        var left = ParseUnary(withFilters: true);
        while (tokens.SkipOperator("**"))
        {
            left = new Binary(left, ParseUnary(withFilters: true), static (_, a, b) => Arithmetic.Power(a, b));
        }

        return left;
    }

    private Expression ParseUnary(bool withFilters)
    {
        Expression expression;
        if (tokens.Current.IsOperator("-") || tokens.Current.IsOperator("+"))
        {
            if (++_nesting > Nesting.Deepest)
            {
                throw tokens.Error($"the expression {Nesting.TooDeep}");
            }

            Func<object?, object?> operation = tokens.Next().Text == "-" ? Arithmetic.Negate : Arithmetic.Plus;
            expression = new Unary(ParseUnary(withFilters: false), operation);
            _nesting--;
        }
        else
        {
            expression = ParsePrimary();
        }

        expression = ParsePostfix(expression);
        return withFilters ? ParseFilters(expression) : expression;
    }

    private Expression ParsePrimary()
    {
        var token = tokens.Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Literal(Boxed.True),
                    "false" or "False" => new Literal(Boxed.False),
                    "none" or "None" => new Literal(null),
                    _ => names.Use(token.Text),
                };
            case TokenKind.Number:
                return new Literal(token.Value);
            case TokenKind.Text:
                List<string> texts = [token.Text];
                while (tokens.Current.Kind == TokenKind.Text)
                {
                    texts.Add(tokens.Next().Text);
                }

                return new Literal(string.Concat(texts));
            case TokenKind.Operator when token.Text == "(":
                var inner = ParseTuple(isParenthesized: true);
                tokens.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return new SequenceLiteral(ParseItems("]", ParseExpression), isTuple: false);
            case TokenKind.Operator when token.Text == "{":
                return new DictLiteral(ParseItems("}", ParseDictItem));
            default:
                throw new ChatTemplateException(ChatTemplateFault.Syntax, $"unexpected {token.Describe()}", token.Line);
        }
    }

    private (Expression Key, Expression Value) ParseDictItem()
    {
        var key = ParseExpression();
        tokens.ExpectOperator(":");
        return (key, ParseExpression());
    }

    /// <summary>Items parted by commas up to a closing bracket, which may follow a comma.</summary>
    private T[] ParseItems<T>(string closing, Func<T> parseItem)
    {
        var items = new List<T>();
        while (!tokens.Current.IsOperator(closing))
        {
            if (items.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.Current.IsOperator(closing))
                {
                    break;
                }
            }

            items.Add(parseItem());
        }

        tokens.ExpectOperator(closing);
        return [.. items];
    }
}
