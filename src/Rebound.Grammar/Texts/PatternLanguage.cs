using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Texts;

/// <summary>Regular expressions as languages.</summary>
/// <param name="character">How a character of a set is written: as it is, or as JSON has it within strings.</param>
internal sealed class PatternLanguage(NodeTable table, Func<CodePointRanges, Node> character)
{
    private const string Anchored = "an anchor or look-ahead in the midst of it, which only its beginning and end may have";

    /// <summary>Any text.</summary>
    public Node Any { get; } = table.Repeat(character(CodePointRanges.All), 0);

    /// <summary>The texts in which a pattern matches anywhere, as JSON Schema says: any text may stand before and behind.</summary>
    /// <param name="place">Of the schema, for messages.</param>
    /// <exception cref="GrammarException">It is no pattern, or none that a finite automaton can do.</exception>
    public Node Of(string pattern, string place) =>
        Compile(PatternReader.Read(pattern, place), PatternEdge.Open, PatternEdge.Open, pattern, place);

    /// <summary>The texts that a pattern matches from their first to their last character.</summary>
    /// <inheritdoc cref="Of"/>
    public Node OfWhole(string pattern, string place) =>
        Compile(PatternReader.Read(pattern, place), PatternEdge.Closed, PatternEdge.Closed, pattern, place);

    /// <summary>
    /// A pattern that is a number of characters of one set from the text's first to its last; null for any other, which
    /// <see cref="Of"/> takes.
    /// </summary>
    /// <exception cref="GrammarException">It is no pattern.</exception>
    public (Node Character, int Min, int Max)? Characters(string pattern, string place)
    {
        PatternPart[] parts = PatternReader.Read(pattern, place) is PatternPart.Sequence sequence ? [.. Flat(sequence)] : [];
        return parts is [PatternPart.Start, var counted, PatternPart.End]
            ? counted switch
            {
                PatternPart.Set one => (character(one.Members), 1, 1),
                PatternPart.Repeat { Body: PatternPart.Set one } repeat => (character(one.Members), repeat.Min, repeat.Max),
                _ => null,
            }
            : null;
    }

    private Node Compile(PatternPart part, PatternEdge start, PatternEdge end, string pattern, string place)
    {
        switch (part)
        {
            case PatternPart.Choice choice:
                return table.Choice(choice.Options.Select(option => Compile(option, start, end, pattern, place)));
            case PatternPart.Sequence sequence:
                return OfSequence([.. Flat(sequence)], start, end, pattern, place);
            case PatternPart.Set or PatternPart.Repeat:
                var body = part is PatternPart.Repeat repeat
                    ? table.Repeat(Compile(repeat.Body, PatternEdge.None, PatternEdge.None, pattern, place), repeat.Min, repeat.Max)
                    : character(((PatternPart.Set)part).Members);
                return table.Sequence(Beyond(start), body, Beyond(end));
            default:
                throw new GrammarException(place, $"the pattern {pattern} has {Anchored}.");
        }
    }

    private Node OfSequence(List<PatternPart> parts, PatternEdge start, PatternEdge end, string pattern, string place)
    {
        var (from, to, conditions) = (0, parts.Count, new List<Node>());
        while (start != PatternEdge.None && from < to && parts[from] is PatternPart.Start)
        {
            start = PatternEdge.Closed;
            from++;
        }

        while (start == PatternEdge.Closed && end != PatternEdge.None && from < to && parts[from] is PatternPart.Ahead ahead)
        {
            var follows = Compile(ahead.Body, PatternEdge.None, PatternEdge.Open, pattern, place);
            conditions.Add(ahead.Negated ? table.Complement(follows) : follows);
            from++;
        }

        while (end != PatternEdge.None && to > from && parts[to - 1] is PatternPart.End)
        {
            end = PatternEdge.Closed;
            to--;
        }

        var result = to > from ? table.Empty : start == PatternEdge.Open ? Any : Beyond(end);
        for (var i = to - 1; i >= from; i--)
        {
            var compiled = Compile(
                parts[i], i == from ? start : PatternEdge.None, i == to - 1 ? end : PatternEdge.None, pattern, place);
            result = table.Sequence(compiled, result);
        }

        return conditions.Count == 0 ? result : table.Common([Any, result, .. conditions]);
    }

    /// <summary>The text that may stand beyond an edge.</summary>
    private Node Beyond(PatternEdge edge) => edge == PatternEdge.Open ? Any : table.Empty;

    private static IEnumerable<PatternPart> Flat(PatternPart.Sequence sequence) =>
        sequence.Parts.SelectMany(part => part is PatternPart.Sequence inner ? Flat(inner) : [part]);
}
