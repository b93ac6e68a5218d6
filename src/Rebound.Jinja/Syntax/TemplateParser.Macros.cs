using Rebound.Jinja.Nodes;

namespace Rebound.Jinja.Syntax;

/// <summary>Macros, call blocks and what assignments write to.</summary>
internal sealed partial class TemplateParser
{
    private static readonly string[] ReservedNames = ["true", "false", "none", "True", "False", "None"];

    private Macro ParseMacro(int line)
    {
        var name = _tokens.Expect(TokenKind.Name, "a name").Text;
        var target = new VariableTarget(name, _names.Current.Declare(Assignable(name)));
        _names.Current.NoteAssignment(name);
        return new Macro(target, ParseMacroBody(name, "endmacro"), line);
    }

    private CallBlock ParseCall(int line)
    {
        // The parameters come before the call, which belongs to the surroundings: read it first, the body after.
        var outer = _names.Current;
        var names = _names.OpenMacro();
        var parameters = _tokens.Current.IsOperator("(") ? ParseParameters() : [];
        _names.Enter(outer);
        var invocation = _expressions.ParseInvocation();
        _names.Enter(names.Scope);
        return new CallBlock(invocation, ParseMacroBody("caller", "endcall", names, parameters), line);
    }

    private MacroDefinition ParseMacroBody(string name, string end)
    {
        var names = _names.OpenMacro();
        return ParseMacroBody(name, end, names, ParseParameters());
    }

    private MacroDefinition ParseMacroBody(string name, string end, MacroNames names, MacroParameter[] parameters)
    {
        EndOpeningTag();
        var (wasBranch, loopsAround) = (_expressions.IsBranch, _loops);
        (_expressions.IsBranch, _loops) = (false, 0);
        var body = ParseBody(end);
        _tokens.Next();
        (_expressions.IsBranch, _loops) = (wasBranch, loopsAround);
        _names.CloseMacro();
        return new MacroDefinition
        {
            Name = name,
            Parameters = parameters,
            Body = body,
            Scope = names.Scope,
            CallerPlace = names.CallerPlace,
            MorePositionalPlace = names.MorePositionalPlace,
            MoreNamedPlace = names.MoreNamedPlace,
        };
    }

    private MacroParameter[] ParseParameters()
    {
        var parameters = new List<MacroParameter>();
        _tokens.ExpectOperator("(");
        while (!_tokens.SkipOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            var name = Assignable(_tokens.Expect(TokenKind.Name, "a name").Text);
            var place = _names.Current.DeclareParameter(name);
            var fallback = _tokens.SkipOperator("=") ? _expressions.ParseExpression() : null;
            if (fallback is null && name == "caller")
            {
                throw _tokens.Error("a parameter named 'caller' needs a default: a call block passes it by name");
            }

            if (fallback is null && parameters is [.., { Default: not null }])
            {
                throw _tokens.Error("non-default argument follows default argument");
            }

            parameters.Add(new MacroParameter(name, place, fallback));
        }

        return [.. parameters];
    }

    /// <summary>A name, an attribute of a namespace (not as a loop variable), or several parted by commas.</summary>
    private Target ParseTarget(bool isLoopVariable = false)
    {
        var first = ParseTargetPart(isLoopVariable);
        if (!_tokens.Current.IsOperator(","))
        {
            return first;
        }

        var parts = new List<Target> { first };
        while (_tokens.SkipOperator(",") && !_tokens.Current.IsOperator("=") && !_tokens.Current.IsName("in"))
        {
            parts.Add(ParseTargetPart(isLoopVariable));
        }

        return new TupleTarget([.. parts]);
    }

    private Target ParseTargetPart(bool isLoopVariable)
    {
        if (_tokens.SkipOperator("("))
        {
            var inner = ParseTarget(isLoopVariable);
            _tokens.ExpectOperator(")");
            return inner;
        }

        var name = _tokens.Expect(TokenKind.Name, "a name to assign to").Text;
        if (!isLoopVariable && _tokens.SkipOperator("."))
        {
            return new NamespaceTarget(_names.Use(name), _tokens.Expect(TokenKind.Name, "a name").Text);
        }

        return new VariableTarget(name, _names.Current.Declare(Assignable(name, isLoopVariable)));
    }

    private string Assignable(string name, bool isLoopVariable = false)
    {
        if (Array.IndexOf(ReservedNames, name) >= 0)
        {
            throw _tokens.Error($"can't assign to '{name}'");
        }

        return name == "loop" && (_loops > 0 || isLoopVariable)
            ? throw _tokens.Error("Can't assign to special loop variable in for-loop")
            : name;
    }
}
