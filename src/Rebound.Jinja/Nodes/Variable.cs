using Rebound.Jinja.Syntax;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Nodes;

/// <summary>Where a variable lives: so many scopes out, at that place.</summary>
internal readonly record struct VariablePlace(int Hops, int Place);

/// <summary>
/// The value of a name: the innermost scope that has assigned it, or else what came from outside, unless a scope has the name
/// for its own.
/// </summary>
internal sealed class Variable(string name, Scope scope, int skippedScopes) : Expression
{
    private VariablePlace[] _places = [];
    private int? _global;

    /// <summary>Finds the name's places once all scopes are known; <paramref name="globalPlace"/> numbers outside names.</summary>
    public void Bind(Func<string, int> globalPlace)
    {
        _places = scope.Find(name, skippedScopes, out var isOurs);
        _global = isOurs ? null : globalPlace(name);
    }

    public override object? Evaluate(RenderState state, Frame frame)
    {
        foreach (var place in _places)
        {
            var owner = frame;
            for (var hops = place.Hops; hops > 0; hops--)
            {
                owner = owner.Outer!;
            }

            var value = owner.Variables[place.Place];
            if (!ReferenceEquals(value, Frame.Unassigned))
            {
                return value;
            }
        }

        return _global is { } global ? state.Globals[global] : Undefined.Variable(name);
    }
}
