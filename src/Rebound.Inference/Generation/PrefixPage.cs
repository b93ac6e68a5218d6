namespace Rebound.Inference.Generation;

/// <summary>
/// A page of a cache whose tokens, after those of the pages before it, begin prompts: a node of the tree of all such
/// beginnings.
/// </summary>
/// <param name="tokens">Those of the page; empty for the root.</param>
/// <param name="page">−1 for the root.</param>
internal sealed class PrefixPage(PrefixPage? parent, int[] tokens, int page)
{
    private readonly List<PrefixPage> _following = [];

    public int Page => page;

    public bool IsLast => _following.Count == 0;

    /// <summary>Rows that read it.</summary>
    public int Readers { get; set; }

    /// <summary>When the last row let go of it; a higher number is later.</summary>
    public long LeftAt { get; set; }

    /// <summary>The page that follows with these tokens; null for none.</summary>
    public PrefixPage? Find(ReadOnlySpan<int> following)
    {
        foreach (var candidate in _following)
        {
            if (following.SequenceEqual(candidate.Tokens))
            {
                return candidate;
            }
        }

        return null;
    }

    public PrefixPage Add(ReadOnlySpan<int> following, int followingPage)
    {
        var added = new PrefixPage(this, following.ToArray(), followingPage);
        _following.Add(added);
        return added;
    }

    /// <summary>Takes the page, which nobody reads and none follows, out of the tree.</summary>
    public void Remove() => parent!._following.Remove(this);

    private int[] Tokens => tokens;
}
