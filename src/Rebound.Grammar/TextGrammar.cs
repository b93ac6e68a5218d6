using Rebound.Grammar.Automata;
using Rebound.Grammar.Texts;

namespace Rebound.Grammar;

/// <summary>Plain text, as a regular expression or a list says it; it has no quotes and no escapes.</summary>
public sealed class TextGrammar : ByteGrammar
{
    /// <summary>Most texts of a list.</summary>
    public const int MostChoices = 1000;

    /// <summary>Most characters of all texts of a list.</summary>
    public const int MostCharacters = 50_000;

    private TextGrammar(NodeTable table, Node start)
        : base(table, start) => table.WorkLeft = long.MaxValue;

    /// <summary>
    /// The texts that a regular expression matches from their first to their last character, as if it stood between <c>^</c> and <c>$</c>.
    /// </summary>
    /// <param name="pattern">As the patterns of schemas are written: ECMAScript's, over code points.</param>
    /// <exception cref="GrammarException">It is none, is too large, or asks for more than a finite automaton does.</exception>
    public static TextGrammar OfPattern(string pattern)
    {
        var table = new NodeTable(maxLevel: 1);
        try
        {
            var language = new PatternLanguage(table, new Utf8Text(table).Of).OfWhole(pattern, place: "");
            var start = FiniteAutomaton.Of(language, table, place: "", new JsonGrammarOptions().MaxStates);
            return start == table.Never
                ? throw new GrammarException(place: "", $"no text matches the pattern {pattern}.")
                : new TextGrammar(table, start);
        }
        catch (GrammarException e)
        {
            throw e.OfText();
        }
        catch (InsufficientExecutionStackException e)
        {
            const string Problem = "the pattern's parts follow each other in too long a row; say it with fewer.";
            throw new GrammarException(place: "", Problem, e).OfText();
        }
    }

    /// <summary>One of some texts.</summary>
    /// <param name="choices">At least one, within <see cref="MostChoices"/> and <see cref="MostCharacters"/>.</param>
    /// <exception cref="GrammarException">There is none, or there are too many.</exception>
    public static TextGrammar OfChoices(IReadOnlyList<string> choices)
    {
        var table = new NodeTable(maxLevel: 1);
        var characters = choices.Sum(choice => (long)choice.Length);
        if (choices.Count is 0 or > MostChoices || characters > MostCharacters)
        {
            throw new GrammarException(
                place: "", $"there are {choices.Count} choices of {characters} characters; give 1 to {MostChoices} of at most "
                    + $"{MostCharacters} together.").OfText();
        }

        return new TextGrammar(table, table.Literals(choices));
    }
}
