namespace Rebound.Grammar;

/// <summary>A form that cannot be held to: it is none, is too large, or asks for what the automaton lacks.</summary>
public sealed class GrammarException : Exception
{
    private readonly string _problem;

    /// <summary>Of a JSON Schema.</summary>
    /// <param name="place">Where in the schema, as a JSON pointer; null for the schema as a whole.</param>
    /// <param name="problem">A sentence.</param>
    public GrammarException(string? place, string problem, Exception? inner = null)
        : base(
            place is null ? $"JSON Schema: {problem}" : $"JSON Schema, at {(place.Length == 0 ? "its root" : place)}: {problem}", inner) =>
        (Place, _problem) = (place, problem);

    private GrammarException(string problem, Exception inner)
        : base($"{char.ToUpperInvariant(problem[0])}{problem[1..]}", inner) => _problem = problem;

    /// <summary>A JSON pointer; empty for the root, null for the schema as a whole, and for what is no schema.</summary>
    public string? Place { get; }

    /// <summary>The same of what is no schema.</summary>
    internal GrammarException OfText() => new(_problem, this);
}
