namespace Rebound.Jinja;

/// <summary>The variables of one scope at run time; inner scopes see those of outer ones.</summary>
internal sealed class Frame
{
    /// <summary>Marks a variable that nothing has been assigned to.</summary>
    public static readonly object Unassigned = new();

    public Frame(int variables, Frame? outer)
    {
        Outer = outer;
        Variables = new object?[variables];
        Clear();
    }

    public Frame? Outer { get; }

    public object?[] Variables { get; }

    public void Clear() => Array.Fill(Variables, Unassigned);
}
