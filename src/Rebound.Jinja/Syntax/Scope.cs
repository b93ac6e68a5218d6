using Rebound.Jinja.Nodes;

namespace Rebound.Jinja.Syntax;

/// <summary>
/// The variables that one scope of the template assigns; each becomes a place in the <see cref="Frame"/> of that scope.
/// Names are bound when the whole template is read, because a macro may use what its surroundings assign later.
/// </summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, int> _variables = [];

    /// <summary>Names that the scope itself reads or assigns, and whether it begins with an assignment that is sure to be made.</summary>
    private readonly Dictionary<string, bool> _beginsAssigned = [];

    private readonly HashSet<string> _parameters = [];

    public Scope? Outer { get; } = outer;

    /// <summary>How many <c>if</c> branches are open in the scope itself, in which no assignment is sure to be made.</summary>
    public int Branches { get; set; }

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

    /// <summary>Declares a macro's parameter, which is never what a name outside means, not even in its own default.</summary>
    public int DeclareParameter(string name)
    {
        _parameters.Add(name);
        return Declare(name);
    }

    /// <summary>Notes that the scope reads a name.</summary>
    public void NoteRead(string name) => _beginsAssigned.TryAdd(name, false);

    /// <summary>Notes that the scope assigns a name.</summary>
    public void NoteAssignment(string name) => _beginsAssigned.TryAdd(name, Branches == 0);

    /// <summary>
    /// Every place, innermost first, where a name used <paramref name="skipped"/> scopes out may have its value.
    /// <paramref name="isOurs"/>: it is nothing else before that, whatever comes from outside.
    /// </summary>
    public VariablePlace[] Find(string name, int skipped, out bool isOurs)
    {
        isOurs = false;
        var places = new List<VariablePlace>();
        var hops = 0;
        for (var scope = this; scope is not null; scope = scope.Outer, hops++)
        {
            if (hops >= skipped && scope._variables.TryGetValue(name, out var place))
            {
                places.Add(new VariablePlace(hops, place));
                if (scope.Hides(name))
                {
                    isOurs = true;
                    break;
                }
            }
        }

        return [.. places];
    }

    /// <summary>
    /// Whether a name is the scope's own from its beginning, as Jinja decides it: a parameter, or assigned before it is read,
    /// where no scope around deals with it.
    /// </summary>
    private bool Hides(string name)
    {
        if (_parameters.Contains(name))
        {
            return true;
        }

        for (var scope = Outer; scope is not null; scope = scope.Outer)
        {
            if (scope._beginsAssigned.ContainsKey(name) || scope._variables.ContainsKey(name))
            {
                return false;
            }
        }

        return _beginsAssigned.GetValueOrDefault(name);
    }
}
