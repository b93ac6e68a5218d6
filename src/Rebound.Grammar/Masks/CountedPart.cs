using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Masks;

/// <summary>
/// The tokens that come in a part where one thing is written a number of times, as a string's characters are, by how many of them a token
/// begins: whatever the bounds, one walk over the vocabulary tells.
/// </summary>
internal sealed class CountedPart
{
    private readonly ulong[][] _within;
    private readonly (int Count, int Token)[] _behind;
    private readonly (int Count, int Node)[] _exits;

    /// <param name="within">[k] the tokens that end within the things, or between them, and begin at most k.</param>
    /// <param name="behind">Tokens that end behind the last of k things.</param>
    /// <param name="exits">Nodes of the trie at which the part may be over, behind k things.</param>
    private CountedPart(ulong[][] within, (int Count, int Token)[] behind, (int Count, int Node)[] exits) =>
        (_within, _behind, _exits) = (within, behind, exits);

    /// <summary>Masks that it keeps.</summary>
    public int Masks => _within.Length;

    /// <summary>Takes a part that counts one thing, within bounds, apart.</summary>
    /// <param name="most">A number that no token comes to.</param>
    /// <returns>
    /// The part with no fewer than 0 and no more than <paramref name="most"/> of the thing, and how often it may come; null for other
    /// parts.
    /// </returns>
    public static (Node Open, Node Counted)? Split(Node part, NodeTable table, int most)
    {
        if (part.Kind != NodeKind.Unit)
        {
            return null;
        }

        Node[] elements = [.. Elements(part)];
        return elements.Count(element => element.Kind == NodeKind.Repeat) == 1
            && Array.Find(elements, element => element.Kind == NodeKind.Repeat) is { First: { IsNullable: false } thing } counted
            && (counted.Min > 0 || counted.Max != Node.Unbounded)
            ? (table.Unit(table.Sequence([.. elements.Select(
                element => element == counted ? table.Repeat(thing, 0, most) : element)])), counted)
            : null;
    }

    /// <summary>Walks over the vocabulary.</summary>
    /// <param name="open">Of <see cref="Split"/>, as are the other two.</param>
    /// <returns>Null where what is counted and what follows it begin alike, so that a text does not say how often it came.</returns>
    public static CountedPart? Walk(Node open, Node counted, int most, NodeTable table, TokenTrie trie, int words)
    {
        var (within, behind, exits) = (new List<List<int>>(), new List<(int, int)>(), new List<(int, int)>());
        var path = new (Node State, int Count, bool IsBehind)[trie.Longest + 1];
        path[0] = (open, 0, false);
        for (var i = 0; i < trie.Nodes.Length;)
        {
            ref readonly var node = ref trie.Nodes[i];
            var (before, count, isBehind) = path[node.Depth - 1];
            var next = (before.Moves ?? table.MovesOf(before))[node.Value];
            if (next == table.Never)
            {
                i = node.End;
                continue;
            }

            if (!isBehind)
            {
                if (next.Kind == NodeKind.Choice || next is { Kind: NodeKind.Unit, First.Kind: NodeKind.Choice })
                {
                    return null;
                }

                (count, isBehind) = Left(next, counted.First!) is { } left ? (most - left, false) : (count, true);
            }

            foreach (var token in trie.EndingAt(node))
            {
                if (isBehind)
                {
                    behind.Add((count, token));
                }
                else
                {
                    while (within.Count <= count)
                    {
                        within.Add([]);
                    }

                    within[count].Add(token);
                }
            }

            if (next.IsNullable && node.End > i + 1)
            {
                exits.Add((count, i));
            }

            path[node.Depth] = (next, count, isBehind);
            i++;
        }

        return new CountedPart(Cumulated(within, words), [.. behind], [.. exits]);
    }

    /// <summary>Allows the tokens that come where a number of things may.</summary>
    /// <param name="mask">[⌈V / 64⌉], all of it 0.</param>
    /// <param name="counted">How often: its bounds.</param>
    /// <returns>The trie's nodes at which the part may be over.</returns>
    public IEnumerable<int> Allow(ulong[] mask, Node counted)
    {
        if (_within.Length > 0)
        {
            _within[Math.Min(counted.Max, _within.Length - 1)].CopyTo(mask, 0);
        }

        foreach (var (count, token) in _behind)
        {
            if (count >= counted.Min && count <= counted.Max)
            {
                TokenMasks.Allow(mask, token);
            }
        }

        return _exits.Where(exit => exit.Count >= counted.Min && exit.Count <= counted.Max).Select(exit => exit.Node);
    }

    /// <summary>How often a thing may still come in a state; null behind the last one.</summary>
    private static int? Left(Node state, Node thing)
    {
        for (var node = state.Kind == NodeKind.Unit ? state.First : state; node is not null; node = node.Second)
        {
            var element = node.Kind == NodeKind.Sequence ? node.First! : node;
            if (element.Kind == NodeKind.Repeat && element.First == thing)
            {
                return element.Max;
            }
        }

        return null;
    }

    private static IEnumerable<Node> Elements(Node part)
    {
        var node = part.Kind == NodeKind.Unit ? part.First! : part;
        for (; node.Kind == NodeKind.Sequence; node = node.Second!)
        {
            yield return node.First!;
        }

        yield return node;
    }

    private static ulong[][] Cumulated(List<List<int>> tokens, int words)
    {
        var masks = new ulong[tokens.Count][];
        for (var count = 0; count < masks.Length; count++)
        {
            masks[count] = count == 0 ? new ulong[words] : [.. masks[count - 1]];
            foreach (var token in tokens[count])
            {
                TokenMasks.Allow(masks[count], token);
            }
        }

        return masks;
    }
}
