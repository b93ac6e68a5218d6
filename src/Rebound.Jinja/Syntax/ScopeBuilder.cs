using Rebound.Jinja.Nodes;

namespace Rebound.Jinja.Syntax;

/// <summary>The scopes that are open while a template is parsed, and the names used in them.</summary>
internal sealed class ScopeBuilder
{
    private readonly List<Variable> _variables = [];
    private readonly Stack<MacroNames> _macros = new();

    public Scope Root { get; } = new(null);

    public Scope Current { get; private set; }

    /// <summary>While a loop's condition is parsed: <c>loop</c> there is the one around the loop.</summary>
    public bool IsLoopHidden { get; set; }

    public ScopeBuilder() => Current = Root;

    public Variable Use(string name)
    {
        foreach (var macro in _macros)
        {
            macro.Use(name);
        }

        Current.NoteRead(name);
        var variable = new Variable(name, Current, IsLoopHidden && name == "loop" ? 1 : 0);
        _variables.Add(variable);
        return variable;
    }

    /// <summary>Opens a scope inside the current one.</summary>
    public Scope Open() => Current = new Scope(Current);

    /// <summary>Makes an open scope, or one around it, current.</summary>
    public void Enter(Scope scope) => Current = scope;

    /// <summary>Closes the current scope.</summary>
    public void Close() => Current = Current.Outer!;

    public MacroNames OpenMacro()
    {
        var macro = new MacroNames(Open());
        _macros.Push(macro);
        return macro;
    }

    public void CloseMacro()
    {
        _macros.Pop();
        Close();
    }

    /// <summary>Binds every name used; gives the names that may come from outside, in the order of their places.</summary>
    public string[] Bind()
    {
        var globals = new Dictionary<string, int>();
        foreach (var variable in _variables)
        {
            variable.Bind(name =>
            {
                globals.TryAdd(name, globals.Count);
                return globals[name];
            });
        }

        return [.. globals.Keys];
    }
}

/// <summary>Which of the names that Jinja fills in by itself a macro's body uses.</summary>
internal sealed class MacroNames(Scope scope)
{
    public Scope Scope { get; } = scope;

    public int? CallerPlace { get; private set; }

    public int? MorePositionalPlace { get; private set; }

    public int? MoreNamedPlace { get; private set; }

    public void Use(string name)
    {
        switch (name)
        {
            case "caller":
                CallerPlace ??= Scope.Declare(name);
                break;
            case "varargs":
                MorePositionalPlace ??= Scope.Declare(name);
                break;
            case "kwargs":
                MoreNamedPlace ??= Scope.Declare(name);
                break;
        }
    }
}
