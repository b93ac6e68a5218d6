namespace Rebound.Grammar;

/// <summary>The white space of a document; there is none elsewhere.</summary>
public enum JsonSpacing
{
    /// <summary>One space after each comma and colon, as Python's <c>json.dumps</c> writes.</summary>
    Spaced,

    /// <summary>None.</summary>
    Compact,
}
