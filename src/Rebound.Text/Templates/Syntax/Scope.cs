using Rebound.Text.Templates.Nodes;

namespace Rebound.Text.Templates.Syntax;

/// <summary>
/// The variables that one scope of the template assigns; each becomes a place in the <see cref="Frame"/> of that scope.
/// Names are bound when the whole template is read, because a macro may use what its surroundings assign later.
/// </summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, int> _variables = [];

    public Scope? Outer { get; } = outer;

    public int Count => _variables.Count;

    public int Declare(string name)
    {
        if (!_variables.TryGetValue(name, out var place))
        {
            place = _variables.Count;
            _variables.Add(name, place);
        }

        return place;
    }

    /// <summary>Every place, innermost first, where a name used <paramref name="skipped"/> scopes out may have its value.</summary>
    public VariablePlace[] Find(string name, int skipped)
    {
        var places = new List<VariablePlace>();
        var hops = 0;
        for (var scope = this; scope is not null; scope = scope.Outer, hops++)
        {
            if (hops >= skipped && scope._variables.TryGetValue(name, out var place))
            {
                places.Add(new VariablePlace(hops, place));
            }
        }

        return [.. places];
    }
}
