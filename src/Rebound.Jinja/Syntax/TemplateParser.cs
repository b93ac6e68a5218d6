using Rebound.Files.Messages;
using Rebound.Jinja.Nodes;

namespace Rebound.Jinja.Syntax;

/// <summary>Parses a template's statements into a tree whose names are bound to places.</summary>
internal sealed partial class TemplateParser
{
    private readonly TokenStream _tokens;
    private readonly ScopeBuilder _names = new();
    private readonly ExpressionParser _expressions;

    /// <summary>Tags that are open, for messages about what is missing.</summary>
    private readonly Stack<string> _open = new();

    /// <summary>Loops around here within the same macro: where break and continue may stand.</summary>
    private int _loops;

    private TemplateParser(string source)
    {
        _tokens = new TokenStream(Lexer.Tokenize(source));
        _expressions = new ExpressionParser(_tokens, _names);
    }

    public static ParsedTemplate Parse(string source)
    {
        var parser = new TemplateParser(source);
        var body = parser.ParseBody();
        parser._expressions.CheckNothingIsMissing();
        var outsideNames = parser._names.Bind();
        return new ParsedTemplate(body, parser._names.Root.Count, outsideNames);
    }

    /// <summary>Statements up to a tag whose name is among <paramref name="ends"/> (left unread), or the template's end.</summary>
    private Statement[] ParseBody(params string[] ends)
    {
        var body = new List<Statement>();
        while (true)
        {
            var token = _tokens.Current;
            switch (token.Kind)
            {
                case TokenKind.Data:
                    _tokens.Next();
                    body.Add(new Data(token.Text, token.Line));
                    break;
                case TokenKind.VariableBegin:
                    _tokens.Next();
                    body.Add(new Print(_expressions.ParseTuple(), token.Line));
                    _tokens.Expect(TokenKind.VariableEnd, "end of print statement");
                    break;
                case TokenKind.BlockBegin:
                    _tokens.Next();
                    if (Array.Exists(ends, _tokens.Current.IsName))
                    {
                        return [.. body];
                    }

                    body.Add(ParseStatement());
                    break;
                default:
                    return ends.Length == 0 ? [.. body] : throw MissingEnd();
            }
        }
    }

    /// <summary>The end of an opening tag, which may have a colon as in Python.</summary>
    private void EndOpeningTag()
    {
        _tokens.SkipOperator(":");
        _tokens.Expect(TokenKind.BlockEnd, "end of statement block");
    }

    private ChatTemplateException MissingEnd() =>
        _tokens.Error($"Unexpected end of template. The innermost block that needs to be closed is '{_open.Peek()}'.");

    private Statement ParseStatement()
    {
        var tag = _tokens.Expect(TokenKind.Name, "tag name");
        if (_open.Count >= Nesting.Deepest)
        {
            throw _tokens.Error($"the tag {Nesting.TooDeep}");
        }

        _open.Push(tag.Text);
        var statement = tag.Text switch
        {
            "if" => ParseIf(tag.Line),
            "for" => ParseFor(tag.Line),
            "set" => ParseSet(tag.Line),
            "with" => ParseWith(tag.Line),
            "macro" => ParseMacro(tag.Line),
            "call" => ParseCall(tag.Line),
            "filter" => ParseFilterBlock(tag.Line),
            "generation" => ParseGeneration(tag.Line),
            "print" => ParsePrint(tag.Line),
            "break" => ParseJump(Flow.Break, tag),
            "continue" => ParseJump(Flow.Continue, tag),
            _ => throw UnknownTag(tag),
        };
        _tokens.Expect(TokenKind.BlockEnd, "end of statement block");
        _open.Pop();
        return statement;
    }

    private static ChatTemplateException UnknownTag(Token tag) => new(
        ChatTemplateFault.Syntax,
        tag.Text is "include" or "import" or "from" or "extends" or "block"
            ? $"the tag '{tag.Text}' is not supported: a chat template stands alone"
            : $"Encountered unknown tag '{tag.Text}'.",
        tag.Line);

    private Jump ParseJump(Flow flow, Token tag) => _loops > 0
        ? new Jump(flow, tag.Line)
        : throw new ChatTemplateException(ChatTemplateFault.Syntax, $"'{tag.Text}' outside loop", tag.Line);

    private PrintAll ParsePrint(int line)
    {
        var expressions = new List<Expression>();
        do
        {
            expressions.Add(_expressions.ParseExpression());
        }
        while (_tokens.SkipOperator(","));

        return new PrintAll([.. expressions], line);
    }

    private If ParseIf(int line)
    {
        var branches = new List<(Expression?, Statement[], int)>();
        var wasBranch = _expressions.IsBranch;
        _expressions.IsBranch = true;
        _names.Current.Branches++;
        var branchLine = line;
        while (true)
        {
            var condition = _expressions.ParseTuple(withConditional: false);
            EndOpeningTag();
            branches.Add((condition, ParseBody("elif", "else", "endif"), branchLine));
            var next = _tokens.Next();
            branchLine = next.Line;
            if (next.Text == "elif")
            {
                continue;
            }

            if (next.Text == "else")
            {
                EndOpeningTag();
                branches.Add((null, ParseBody("endif"), branchLine));
                _tokens.Next();
            }

            _names.Current.Branches--;
            _expressions.IsBranch = wasBranch;
            return new If([.. branches], line);
        }
    }

    private For ParseFor(int line)
    {
        var outer = _names.Current;
        var bodyScope = _names.Open();
        var target = ParseTarget(isLoopVariable: true);
        _tokens.ExpectName("in");
        _names.Enter(outer);
        var iterable = _expressions.ParseTuple(withConditional: false, endName: "recursive");
        _names.Enter(bodyScope);
        _names.IsLoopHidden = true;
        var condition = _tokens.SkipName("if") ? _expressions.ParseExpression() : null;
        _names.IsLoopHidden = false;
        var isRecursive = _tokens.SkipName("recursive");
        EndOpeningTag();
        var loopPlace = bodyScope.Declare("loop");

        var wasBranch = _expressions.IsBranch;
        _expressions.IsBranch = false;
        _loops++;
        var body = ParseBody("endfor", "else");
        _loops--;
        _names.Close();
        var elseScope = _names.Open();
        Statement[] otherwise = [];
        if (_tokens.Next().Text == "else")
        {
            EndOpeningTag();
            otherwise = ParseBody("endfor");
            _tokens.Next();
        }

        _names.Close();
        _expressions.IsBranch = wasBranch;
        return new For(line)
        {
            Target = target,
            Iterable = iterable,
            Condition = condition,
            Body = body,
            Else = otherwise,
            BodyScope = bodyScope,
            ElseScope = elseScope,
            LoopPlace = loopPlace,
            IsRecursive = isRecursive,
        };
    }

    private Statement ParseSet(int line)
    {
        var target = ParseTarget();
        Statement set = _tokens.SkipOperator("=")
            ? new Set(target, _expressions.ParseTuple(), line)
            : new SetBlock(target, ParseTextBlock("endset", filtersOptional: true), line);
        foreach (var name in target.Names)
        {
            _names.Current.NoteAssignment(name);
        }

        return set;
    }

    private FilterBlock ParseFilterBlock(int line) => new(ParseTextBlock("endfilter", filtersOptional: false), line);

    private TextBlock ParseTextBlock(string end, bool filtersOptional)
    {
        var scope = _names.Open();
        var textPlace = scope.Declare("text of the block");
        Expression filtered = new BlockText(textPlace);
        if (!filtersOptional || _tokens.SkipOperator("|"))
        {
            filtered = _expressions.ParseFilterChain(filtered);
        }

        EndOpeningTag();
        var body = ParseInnerBody(end);
        return new TextBlock(body, scope, textPlace, filtered);
    }

    private With ParseWith(int line)
    {
        var outer = _names.Current;
        var scope = _names.Open();
        var assignments = new List<(Target, Expression)>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            _names.Enter(scope);
            var target = ParseTarget();
            _tokens.ExpectOperator("=");
            _names.Enter(outer);
            assignments.Add((target, _expressions.ParseExpression()));
        }

        _names.Enter(scope);
        EndOpeningTag();
        return new With([.. assignments], ParseInnerBody("endwith"), scope, line);
    }

    private Generation ParseGeneration(int line)
    {
        var scope = _names.Open();
        EndOpeningTag();
        var loopsAround = _loops;
        _loops = 0;
        var body = ParseInnerBody("endgeneration");
        _loops = loopsAround;
        return new Generation(body, scope, line);
    }

    /// <summary>The body of a tag with a scope of its own, which ends with it.</summary>
    private Statement[] ParseInnerBody(string end)
    {
        var wasBranch = _expressions.IsBranch;
        _expressions.IsBranch = false;
        var body = ParseBody(end);
        _tokens.Next();
        _names.Close();
        _expressions.IsBranch = wasBranch;
        return body;
    }
}

/// <summary>A parsed template: its tree, how many variables its outermost scope has, and the names it takes from outside.</summary>
internal sealed record ParsedTemplate(Statement[] Body, int Variables, string[] OutsideNames);
