namespace Rebound.Grammar.Automata;

/// <summary>A language with a name, which others and it itself may call.</summary>
internal sealed class Rule(string place)
{
    /// <summary>Height of a rule that no text satisfies.</summary>
    public const int Endless = 1 << 20;

    /// <summary>Where in the schema, as a JSON pointer.</summary>
    public string Place => place;

    /// <summary>With calls at level 0.</summary>
    public Node? Body { get; set; }

    /// <summary>Levels that a call takes: 0 for a choice of rules.</summary>
    public int Cost { get; set; } = 1;

    /// <summary>Fewest levels of calls within which a text of it ends.</summary>
    public int Height { get; set; } = Endless;

    /// <summary>The body by level of the call.</summary>
    public Dictionary<int, Node> Levels { get; } = [];
}
