using System.Text;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Texts;

/// <summary>Characters as their UTF-8.</summary>
internal sealed class Utf8Text(NodeTable table)
{
    private readonly Dictionary<CodePointRanges, Node> _sets = [];

    /// <summary>A character of a set.</summary>
    public Node Of(CodePointRanges set)
    {
        if (!_sets.TryGetValue(set, out var node))
        {
            node = Spell(set);
            _sets.Add(set, node);
        }

        return node;
    }

    private Node Spell(CodePointRanges set)
    {
        (int First, int Last)[] lengths = [(0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, 0x10FFFF)];
        return table.Choice(set.Ranges.SelectMany(range => lengths
            .Select(length => (First: Math.Max(range.First, length.First), Last: Math.Min(range.Last, length.Last)))
            .Where(part => part.First <= part.Last)
            .Select(part => Between(Utf8(part.First), Utf8(part.Last)))));
    }

    /// <summary>Byte strings of one length between two, whose later bytes are UTF-8's.</summary>
    private Node Between(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        if (first.Length == 0)
        {
            return table.Empty;
        }

        if (first[0] == last[0])
        {
            return table.Sequence(table.Bytes(ByteSet.Of(first[0])), Between(first[1..], last[1..]));
        }

        Span<byte> least = stackalloc byte[first.Length - 1], most = stackalloc byte[first.Length - 1];
        least.Fill(0x80);
        most.Fill(0xBF);
        return table.Choice(
            table.Sequence(table.Bytes(ByteSet.Of(first[0])), Between(first[1..], most)),
            table.Sequence(table.Bytes(ByteSet.Range(first[0] + 1, last[0] - 1)), Between(least, most)),
            table.Sequence(table.Bytes(ByteSet.Of(last[0])), Between(least, last[1..])));
    }

    private static byte[] Utf8(int value)
    {
        var bytes = new byte[4];
        return bytes[..new Rune(value).EncodeToUtf8(bytes)];
    }
}
