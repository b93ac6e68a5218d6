using Rebound.Jinja.Syntax;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

/// <summary>A parameter of a macro, where its argument goes, and its default.</summary>
internal readonly record struct MacroParameter(string Name, int Place, Expression? Default);

/// <summary>The definition of a macro or of a call block's body.</summary>
internal sealed class MacroDefinition
{
    public required string Name { get; init; }

    public required MacroParameter[] Parameters { get; init; }

    public required Statement[] Body { get; init; }

    public required Scope Scope { get; init; }

    /// <summary>Where the body looks for <c>caller</c>; null if it does not.</summary>
    public required int? CallerPlace { get; init; }

    /// <summary>Where the body looks for <c>varargs</c>; null if it does not, and extra arguments are an error.</summary>
    public required int? MorePositionalPlace { get; init; }

    /// <summary>Where the body looks for <c>kwargs</c>; null if it does not, and unknown names are an error.</summary>
    public required int? MoreNamedPlace { get; init; }
}

/// <summary><c>{% macro name(parameters) %} … {% endmacro %}</c>.</summary>
internal sealed class Macro(Target target, MacroDefinition definition, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        target.Assign(state, frame, new MacroValue(definition, frame));
        return Flow.Next;
    }
}

/// <summary><c>{% call(parameters) macro(arguments) %} … {% endcall %}</c>: the body becomes the macro's <c>caller</c>.</summary>
internal sealed class CallBlock(Invocation invocation, MacroDefinition body, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame)
    {
        state.Write(PythonText.Of(invocation.Evaluate(state, frame, new MacroValue(body, frame))));
        return Flow.Next;
    }
}

/// <summary>
/// <c>{% generation %} … {% endgeneration %}</c>: what an assistant said. Its text is unchanged; as in transformers the
/// body is a scope of its own.
/// </summary>
internal sealed class Generation(Statement[] body, Scope scope, int line) : Statement(line)
{
    public override Flow Execute(RenderState state, Frame frame) => ExecuteAll(body, state, new Frame(scope.Count, frame));
}
