using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Ebnf;

/// <summary>
/// Whether texts are followed fast. A text that can be read in many ways has all of them followed at once, and a grammar in which they
/// become ever more would hold up whoever shares the model with it.
/// </summary>
internal static class ReadingProbe
{
    private const int Steps = 40;
    private const long MostWork = 400_000;

    /// <summary>Follows a text, always by the byte that takes most work, with work of a fixed amount.</summary>
    /// <exception cref="GrammarException">It does not come far.</exception>
    public static void Check(NodeTable table, Node start)
    {
        table.WorkLeft = MostWork;
        var (state, seen) = (start, new HashSet<Node>());
        try
        {
            for (var step = 0; step < Steps && seen.Add(state); step++)
            {
                var (next, most) = (state, -1L);
                foreach (var move in table.MovesOf(state).List)
                {
                    var before = table.WorkLeft;
                    table.MovesOf(move.Target);
                    if (before - table.WorkLeft > most && !seen.Contains(move.Target))
                    {
                        (next, most) = (move.Target, before - table.WorkLeft);
                    }
                }

                state = next;
            }
        }
        catch (GrammarException)
        {
            throw GrammarException.OfGrammar(
                "the same text can be read in too many ways; let rules that call themselves begin and end apart, as \",\" between items "
                    + "does.");
        }
    }
}
