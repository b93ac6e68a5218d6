namespace Rebound.Inference.Scheduling;

/// <summary>
/// A page of a cache whose tokens, after those of the pages before it, begin sequences: a node of the tree of all such
/// beginnings.
/// </summary>
/// <param name="tokens">Those of the page; empty for a root.</param>
/// <param name="page">−1 for a root.</param>
internal sealed class PrefixNode(PrefixNode? parent, int[] tokens, int page)
{
    private readonly Dictionary<ReadOnlyMemory<int>, PrefixNode> _children = new(PageTokensComparer.Instance);

    public PrefixNode? Parent => parent;

    public int Page => page;

    public bool IsLeaf => _children.Count == 0;

    /// <summary>Branches that read it.</summary>
    public int References { get; set; }

    /// <summary>When it was last read or added; a higher number is later, and no other node's.</summary>
    public long LastUse { get; set; }

    /// <summary>The page that follows with these tokens; null for none.</summary>
    public PrefixNode? Find(ReadOnlyMemory<int> following) => _children.GetValueOrDefault(following);

    public PrefixNode Add(ReadOnlyMemory<int> following, int followingPage)
    {
        var copy = following.ToArray();
        var added = new PrefixNode(this, copy, followingPage);
        _children.Add(copy, added);
        return added;
    }

    /// <summary>Takes the page, which nobody reads and none follows, out of the tree.</summary>
    public void Remove() => parent!._children.Remove(tokens);

    private sealed class PageTokensComparer : IEqualityComparer<ReadOnlyMemory<int>>
    {
        public static readonly PageTokensComparer Instance = new();

        public bool Equals(ReadOnlyMemory<int> x, ReadOnlyMemory<int> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<int> page)
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(page.Span));
            return hash.ToHashCode();
        }
    }
}
