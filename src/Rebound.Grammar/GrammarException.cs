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

    private GrammarException(string message, Exception? inner)
        : base(message, inner) => _problem = message;

    /// <summary>A JSON pointer; empty for the root, null for the schema as a whole, and for what is no schema.</summary>
    public string? Place { get; }

    /// <summary>Of a grammar of rules.</summary>
    /// <param name="line">From 1.</param>
    /// <param name="column">From 1.</param>
    internal static GrammarException OfGrammar(int line, int column, string problem) =>
        new($"Grammar, line {line}, column {column}: {problem}", inner: null);

    /// <summary>Of a grammar of rules as a whole.</summary>
    internal static GrammarException OfGrammar(string problem, Exception? inner = null) => new($"Grammar: {problem}", inner);

    /// <summary>The same of what is no schema.</summary>
    internal GrammarException OfText() => new($"{char.ToUpperInvariant(_problem[0])}{_problem[1..]}", this);
}
