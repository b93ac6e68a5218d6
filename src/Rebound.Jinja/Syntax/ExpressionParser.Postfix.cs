using Rebound.Jinja.Library;
using Rebound.Jinja.Nodes;

namespace Rebound.Jinja.Syntax;

/// <summary>Parses what follows an operand: attributes, subscripts, calls, filters and tests.</summary>
internal sealed partial class ExpressionParser
{
    /// <summary>Names that end a test's argument instead of being one.</summary>
    private static readonly string[] AfterTest = ["else", "or", "and"];

    /// <summary>Filters applied one after another to a block's text: <c>trim | upper</c>.</summary>
    public Expression ParseFilterChain(Expression input)
    {
        var filtered = ParseFilter(input);
        while (tokens.SkipOperator("|"))
        {
            filtered = ParseFilter(filtered);
        }

        return filtered;
    }

    /// <summary>The call that a call block makes.</summary>
    public Invocation ParseInvocation() => ParseExpression() as Invocation ?? throw tokens.Error("expected call");

    private Expression ParsePostfix(Expression expression)
    {
        while (tokens.Current.Kind == TokenKind.Operator)
        {
            if (tokens.SkipOperator("."))
            {
                expression = ParseDot(expression);
            }
            else if (tokens.SkipOperator("["))
            {
                expression = ParseBrackets(expression);
            }
            else if (tokens.SkipOperator("("))
            {
                expression = new Invocation(expression, ParseArguments());
            }
            else
            {
                break;
            }
        }

        return expression;
    }

    private Expression ParseFilters(Expression expression)
    {
        while (true)
        {
            if (tokens.SkipOperator("|"))
            {
                expression = ParseFilter(expression);
            }
            else if (tokens.SkipName("is"))
            {
                expression = ParseTest(expression);
            }
            else if (tokens.SkipOperator("("))
            {
                expression = new Invocation(expression, ParseArguments());
            }
            else
            {
                return expression;
            }
        }
    }

    private Expression ParseDot(Expression owner)
    {
        var token = tokens.Next();
        return token.Kind switch
        {
            TokenKind.Name => new AttributeLookup(owner, token.Text),
            TokenKind.Number when token.Value is long => new ElementLookup(owner, new Literal(token.Value)),
            _ => throw new ChatTemplateException(ChatTemplateFault.Syntax, "expected name or number", token.Line),
        };
    }

    private Expression ParseBrackets(Expression owner)
    {
        var first = ParseIndexOrSlice(out var slice);
        if (slice is { } parts)
        {
            tokens.ExpectOperator("]");
            return new SliceLookup(owner, parts.Start, parts.Stop, parts.Step);
        }

        var keys = new List<Expression> { first! };
        while (tokens.SkipOperator(","))
        {
            keys.Add(ParseIndexOrSlice(out slice) ?? throw tokens.Error("a slice cannot be part of a tuple"));
        }

        tokens.ExpectOperator("]");
        return new ElementLookup(owner, keys.Count == 1 ? first! : new SequenceLiteral([.. keys], isTuple: true));
    }

    private Expression? ParseIndexOrSlice(out (Expression? Start, Expression? Stop, Expression? Step)? slice)
    {
        slice = null;
        var start = tokens.Current.IsOperator(":") ? null : ParseExpression();
        if (!tokens.SkipOperator(":"))
        {
            return start;
        }

        var stop = IsSlicePartEnd() ? null : ParseExpression();
        var step = tokens.SkipOperator(":") && !IsSlicePartEnd() ? ParseExpression() : null;
        slice = (start, stop, step);
        return null;
    }

    private bool IsSlicePartEnd() =>
        tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]") || tokens.Current.IsOperator(",");

    private Expression ParseFilter(Expression input)
    {
        var (name, line) = ParseDottedName();
        var arguments = tokens.SkipOperator("(") ? ParseArguments() : ArgumentList.Empty;
        return Filters.All.TryGetValue(name, out var filter)
            ? new FilterApplication(filter, input, arguments)
            : Missing($"No filter named '{name}'", line);
    }

    private Expression ParseTest(Expression input)
    {
        var isNegated = tokens.SkipName("not");
        var (name, line) = ParseDottedName();
        var arguments = ArgumentList.Empty;
        if (tokens.SkipOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsTestArgument())
        {
            if (tokens.Current.IsName("is"))
            {
                throw tokens.Error("You cannot chain multiple tests with is");
            }

            arguments = new ArgumentList([ParsePostfix(ParsePrimary())], [], null, null);
        }

        return Tests.All.TryGetValue(name, out var test)
            ? new TestApplication(test, input, arguments, isNegated)
            : Missing($"No test named '{name}'", line);
    }

    private bool StartsTestArgument() => tokens.Current.Kind switch
    {
        TokenKind.Name => Array.IndexOf(AfterTest, tokens.Current.Text) < 0,
        TokenKind.Text or TokenKind.Number => true,
        TokenKind.Operator => tokens.Current.Text is "[" or "{",
        _ => false,
    };

    private (string Name, int Line) ParseDottedName()
    {
        var token = tokens.Expect(TokenKind.Name, "a name");
        List<string> parts = [token.Text];
        while (tokens.SkipOperator("."))
        {
            parts.Add(tokens.Expect(TokenKind.Name, "a name").Text);
        }

        return (string.Join('.', parts), token.Line);
    }

    private Unknown Missing(string description, int line)
    {
        if (!IsBranch)
        {
            _missing.Add(new ChatTemplateException(ChatTemplateFault.Syntax, description + ".", line));
        }

        return new Unknown($"{description} found.");
    }

    /// <summary>The arguments of a call whose opening bracket has been read.</summary>
    private ArgumentList ParseArguments()
    {
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? morePositional = null;
        Expression? moreNamed = null;
        var isFirst = true;
        while (!tokens.Current.IsOperator(")"))
        {
            if (!isFirst)
            {
                tokens.ExpectOperator(",");
                if (tokens.Current.IsOperator(")"))
                {
                    break;
                }
            }

            isFirst = false;
            if (moreNamed is null && morePositional is null && tokens.SkipOperator("*"))
            {
                morePositional = ParseExpression();
            }
            else if (moreNamed is null && tokens.SkipOperator("**"))
            {
                moreNamed = ParseExpression();
            }
            else if (moreNamed is null && tokens.Current.Kind == TokenKind.Name && tokens.Ahead.IsOperator("="))
            {
                var name = tokens.Next().Text;
                tokens.Next();
                named.Add((name, ParseExpression()));
            }
            else if (moreNamed is null && morePositional is null && named.Count == 0)
            {
                positional.Add(ParseExpression());
            }
            else
            {
                throw tokens.Error("invalid syntax for function call expression");
            }
        }

        tokens.ExpectOperator(")");
        return positional.Count + named.Count == 0 && morePositional is null && moreNamed is null
            ? ArgumentList.Empty
            : new ArgumentList([.. positional], [.. named], morePositional, moreNamed);
    }
}
