namespace Rebound.Grammar.Texts;

/// <summary>Where one side of a part of a pattern lies in a text.</summary>
internal enum PatternEdge
{
    /// <summary>In the midst of what is matched.</summary>
    None,

    /// <summary>At its border; any text may stand beyond it, until an anchor.</summary>
    Open,

    /// <summary>At the border of the whole text.</summary>
    Closed,
}
