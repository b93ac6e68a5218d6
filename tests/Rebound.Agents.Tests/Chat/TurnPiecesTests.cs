using Rebound.Agents.Chat;

namespace Rebound.Agents.Tests.Chat;

public sealed class TurnPiecesTests
{
    [Theory]
    [InlineData("Thought: a\nb\nAction: calculate[1]", "T<Thought:>T( a\nb\n)A<Action:>A( calculate[1])")]
    [InlineData("Well.\n\n**Action 2:** x", "-(Well.\n\n)A<**Action 2:>A(** x)")]
    [InlineData("Thoughtful people\nActions: many", "-(Thoughtful people\nActions: many)")]
    [InlineData("Action", "-(Action)")]
    [InlineData("  \n  thought : y", "-(  \n)T<  thought :>T( y)")]
    [InlineData("", "")]
    public void Parts_are_told_however_the_text_arrives(string text, string expected)
    {
        for (var size = 1; size <= text.Length + 1; size++)
        {
            var pieces = new TurnPieces();
            var all = text.Chunk(size).SelectMany(chunk => pieces.Append(new string(chunk))).ToList();
            all.AddRange(pieces.Flush());

            Assert.Equal(expected, Joined(all));
        }
    }

    /// <summary>Pieces with those of one part joined, as text.</summary>
    private static string Joined(IEnumerable<TurnPiece> pieces)
    {
        var joined = new List<TurnPiece>();
        foreach (var piece in pieces)
        {
            if (joined is [.., var last] && (last.Part, last.IsLabel) == (piece.Part, false) && !last.IsLabel)
            {
                joined[^1] = last with { Text = last.Text + piece.Text };
            }
            else
            {
                joined.Add(piece);
            }
        }

        return string.Concat(
            joined.Select(piece =>
                (piece.Part == TurnPart.Text ? "-" : piece.Part.ToString()[..1])
                    + (piece.IsLabel ? $"<{piece.Text}>" : $"({piece.Text})")));
    }
}
