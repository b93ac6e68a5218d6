namespace Rebound.Grammar;

/// <summary>A schema that cannot be held to: it is none, is too large, or asks for what the automaton lacks.</summary>
public sealed class GrammarException : Exception
{
    /// <param name="place">Where in the schema, as a JSON pointer; null for the schema as a whole.</param>
    /// <param name="problem">A sentence.</param>
    public GrammarException(string? place, string problem, Exception? inner = null)
        : base(
            place is null ? $"JSON Schema: {problem}" : $"JSON Schema, at {(place.Length == 0 ? "its root" : place)}: {problem}", inner) =>
        Place = place;

    /// <summary>A JSON pointer; empty for the root, null for the schema as a whole.</summary>
    public string? Place { get; }
}
