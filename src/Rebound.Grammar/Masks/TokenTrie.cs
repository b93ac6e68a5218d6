namespace Rebound.Grammar.Masks;

/// <summary>
/// A vocabulary's byte strings as a trie, in the order of a walk in depth, so that what begins with a byte that cannot come is passed over
/// in one step.
/// </summary>
public sealed class TokenTrie
{
    private readonly int[] _tokens;
    private readonly List<TrieNode> _nodes = [];

    /// <param name="tokens">The bytes of each token id; null for one that stands for no text, as special tokens do.</param>
    public TokenTrie(IReadOnlyList<byte[]?> tokens)
    {
        Tokens = tokens;
        _tokens = [.. Enumerable.Range(0, tokens.Count).Where(id => tokens[id] is { Length: > 0 })];
        Array.Sort(_tokens, (a, b) => tokens[a].AsSpan().SequenceCompareTo(tokens[b]) is var order and not 0 ? order : a - b);
        Add(0, _tokens.Length, depth: 0);
        Nodes = [.. _nodes];
        _nodes.Clear();
        Longest = Nodes.Select(node => node.Depth).DefaultIfEmpty(0).Max();
    }

    /// <summary>Bytes of the longest token.</summary>
    public int Longest { get; }

    /// <summary>The largest id of a token that is text; −1 without any.</summary>
    public int Largest => _tokens.Length == 0 ? -1 : _tokens.Max();

    internal IReadOnlyList<byte[]?> Tokens { get; }

    internal TrieNode[] Nodes { get; }

    /// <summary>The ids that end at a node.</summary>
    internal ReadOnlySpan<int> EndingAt(in TrieNode node) => _tokens.AsSpan(node.FirstToken, node.TokenCount);

    private void Add(int first, int end, int depth)
    {
        while (first < end)
        {
            var value = Tokens[_tokens[first]]![depth];
            var last = first;
            while (last < end && Tokens[_tokens[last]]![depth] == value)
            {
                last++;
            }

            var whole = first;
            while (whole < last && Tokens[_tokens[whole]]!.Length == depth + 1)
            {
                whole++;
            }

            var place = _nodes.Count;
            _nodes.Add(default);
            Add(whole, last, depth + 1);
            _nodes[place] = new TrieNode(value, depth + 1, _nodes.Count, first, whole - first);
            first = last;
        }
    }
}
