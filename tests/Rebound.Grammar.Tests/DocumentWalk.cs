using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Tests;

/// <summary>A random way through an automaton to its end.</summary>
internal static class DocumentWalk
{
    /// <summary>Beyond it the walk takes what closes.</summary>
    private const int Long = 300;

    /// <summary>
    /// A document. Of characters beyond ASCII it takes those of Latin-1, each a grapheme of its own, as the validator counts those.
    /// </summary>
    public static byte[] Of(ByteGrammar grammar, Random random, bool escapes)
    {
        var (document, state) = (new List<byte>(), grammar.Start);
        while (!state.IsNullable || (grammar.Table.MovesOf(state).List.Count > 0 && document.Count < Long && random.Next(3) > 0))
        {
            var moves = grammar.Table.MovesOf(state).List;
            Assert.NotEmpty(moves);
            var value = Byte(document, moves, random, escapes);
            document.Add(value);
            state = grammar.Table.MovesOf(state)[value];
            Assert.True(document.Count < 100_000, "The walk does not end.");
        }

        return [.. document];
    }

    private static byte Byte(List<byte> document, IReadOnlyList<Move> moves, Random random, bool escapes)
    {
        if (document.Count > Long && "\"]}"u8.ToArray().Where(value => moves.Any(move => move.Set.Contains(value))).ToArray() is { Length: > 0 } closing)
        {
            return closing[0];
        }

        var continues = document.Count > 0 && document[^1] >= 0xC0;
        byte[] Allowed(Move move) => [.. Enumerable.Range(0, 256).Where(move.Set.Contains).Select(value => (byte)value)
            .Where(value => value < 0x80 || continues || value == 0xC3)];
        var choices = moves.Select(move => Allowed(move).Where(value => escapes || value != '\\').ToArray()).Where(set => set.Length > 0).ToArray();
        choices = choices.Length > 0 ? choices : [.. moves.Select(Allowed).Where(set => set.Length > 0)];
        if (choices.Length == 0)
        {
            choices = [.. moves.Select(move => Enumerable.Range(0, 256).Where(move.Set.Contains).Select(value => (byte)value).ToArray())];
        }

        var set = choices[random.Next(choices.Length)];
        return set[random.Next(set.Length)];
    }
}
