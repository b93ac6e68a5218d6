using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Texts;

/// <summary>
/// Regular expressions as languages of the contents of JSON strings, in their canonical form. One matches anywhere in a text, as JSON
/// Schema says, so that without anchors any text may stand before and behind.
/// </summary>
internal sealed class PatternLanguage(NodeTable table, JsonText text)
{
    private const string Anchored = "an anchor or look-ahead in the midst of it, which only its beginning and end may have";

    /// <summary>Any content.</summary>
    public Node Any { get; } = table.Repeat(text.AnyCanonical, 0);

    /// <param name="place">Of the schema, for messages.</param>
    /// <exception cref="GrammarException">It is no pattern, or none that a finite automaton can do.</exception>
    public Node Of(string pattern, string place) => Compile(PatternReader.Read(pattern, place), true, true, pattern, place);

    /// <param name="opensStart">Whether any text may stand before it.</param>
    /// <param name="opensEnd">Whether any text may stand behind it.</param>
    private Node Compile(PatternPart part, bool opensStart, bool opensEnd, string pattern, string place)
    {
        switch (part)
        {
            case PatternPart.Choice choice:
                return table.Choice(choice.Options.Select(option => Compile(option, opensStart, opensEnd, pattern, place)));
            case PatternPart.Sequence sequence:
                return OfSequence([.. Flat(sequence)], opensStart, opensEnd, pattern, place);
            case PatternPart.Set or PatternPart.Repeat:
                var body = part is PatternPart.Repeat repeat
                    ? table.Repeat(Compile(repeat.Body, false, false, pattern, place), repeat.Min, repeat.Max)
                    : text.Of(((PatternPart.Set)part).Members);
                return table.Sequence(opensStart ? Any : table.Empty, body, opensEnd ? Any : table.Empty);
            default:
                throw new GrammarException(place, $"the pattern {pattern} has {Anchored}.");
        }
    }

    private Node OfSequence(List<PatternPart> parts, bool opensStart, bool opensEnd, string pattern, string place)
    {
        var (start, end, conditions) = (0, parts.Count, new List<Node>());
        var isStart = opensStart;
        while (isStart && start < end && parts[start] is PatternPart.Start)
        {
            opensStart = false;
            start++;
        }

        while (isStart && !opensStart && opensEnd && start < end && parts[start] is PatternPart.Ahead ahead)
        {
            var follows = Compile(ahead.Body, opensStart: false, opensEnd: true, pattern, place);
            conditions.Add(ahead.Negated ? table.Complement(follows) : follows);
            start++;
        }

        if (opensEnd && end > start && parts[end - 1] is PatternPart.End)
        {
            opensEnd = false;
            end--;
        }

        var result = end == start ? (opensStart || opensEnd ? Any : table.Empty) : table.Empty;
        for (var i = end - 1; i >= start; i--)
        {
            var compiled = Compile(parts[i], opensStart && i == start, opensEnd && i == end - 1, pattern, place);
            result = table.Sequence(compiled, result);
        }

        return conditions.Count == 0 ? result : table.Common([Any, result, .. conditions]);
    }

    private static IEnumerable<PatternPart> Flat(PatternPart.Sequence sequence) =>
        sequence.Parts.SelectMany(part => part is PatternPart.Sequence inner ? Flat(inner) : [part]);
}
