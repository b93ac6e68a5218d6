using Rebound.Engine;
using Rebound.Models;

namespace Rebound.Inference.Scheduling;

/// <summary>
/// Pages that hold the beginnings of sequences, to be read instead of computed again: by the next turn of a conversation, by
/// another question after the same instructions, or by a sequence that was preempted. A tree for each version of the weights,
/// so that nothing is read that other weights computed. Pages that nobody reads stay until room is needed, and then go least
/// recently used first.
/// </summary>
internal sealed class PrefixCache
{
    private const int PageTokens = PageTable.PageTokens;

    private readonly PagePool _pool;
    private readonly Dictionary<ModelVersion, PrefixNode> _roots = [];
    private readonly SortedSet<PrefixNode> _evictable = new(Comparer<PrefixNode>.Create((x, y) => x.LastUse.CompareTo(y.LastUse)));
    private int _unread;
    private long _clock;

    public PrefixCache(PagePool pool) => _pool = pool;

    /// <summary>Pages that can be had: the free ones, and those that nobody reads.</summary>
    public int Available => _pool.Free + _unread;

    /// <summary>The longest chain of cached pages that tokens begin with.</summary>
    /// <param name="version">Of the weights that are to have computed them.</param>
    public List<PrefixNode> Match(ModelVersion version, ReadOnlyMemory<int> tokens)
    {
        var matched = new List<PrefixNode>();
        var next = _roots.GetValueOrDefault(version);
        for (var end = PageTokens; next is not null && end <= tokens.Length; end += PageTokens)
        {
            next = next.Find(tokens[(end - PageTokens)..end]);
            if (next is not null)
            {
                matched.Add(next);
            }
        }

        return matched;
    }

    /// <summary>Pages that could be had if these were being read.</summary>
    public int AvailableBeside(IEnumerable<PrefixNode> matched) => Available - matched.Distinct().Count(node => node.References == 0);

    /// <summary>Lets a branch read pages instead of computing them.</summary>
    public void Share(BlockTable blocks, IEnumerable<PrefixNode> matched)
    {
        foreach (var node in matched)
        {
            Acquire(node);
            blocks.Share(node);
        }
    }

    /// <summary>Keeps a branch's whole pages for others. Where another's came first, the branch reads that one from now on.</summary>
    /// <param name="tokens">Those whose keys and values the pages hold.</param>
    public void Insert(ModelVersion version, ReadOnlyMemory<int> tokens, BlockTable blocks)
    {
        var last = blocks.Shared.Count > 0 ? blocks.Shared[^1] : Root(version);
        for (var index = blocks.Shared.Count; (index + 1) * PageTokens <= tokens.Length; index++)
        {
            var page = tokens.Slice(index * PageTokens, PageTokens);
            var own = blocks.Pages[index];
            if (last.Find(page) is { } known)
            {
                _pool.Return(own);
                last = known;
            }
            else
            {
                last = Add(last, page, own);
            }

            Acquire(last);
            blocks.Share(last);
        }
    }

    /// <summary>A page for a branch to write; one has to be <see cref="Available"/>.</summary>
    public int Take()
    {
        if (_pool.Free == 0)
        {
            Evict();
        }

        return _pool.Take();
    }

    /// <summary>Takes a branch's pages back, but keeps those of the tree.</summary>
    public void Release(BlockTable blocks)
    {
        // From the end on, so that of one beginning the last page goes first.
        foreach (var node in blocks.Shared.Reverse())
        {
            Let(node);
        }

        foreach (var page in blocks.Pages.Skip(blocks.Shared.Count))
        {
            _pool.Return(page);
        }

        blocks.Clear();
    }

    /// <summary>Frees the page that was used least recently of those that nobody reads and no other follows.</summary>
    private void Evict()
    {
        var oldest = _evictable.Min!;
        _evictable.Remove(oldest);
        _unread--;
        oldest.Remove();
        _pool.Return(oldest.Page);
        if (oldest.Parent is { Page: >= 0, IsLeaf: true, References: 0 } parent)
        {
            _evictable.Add(parent);
        }
    }

    private PrefixNode Root(ModelVersion version)
    {
        if (!_roots.TryGetValue(version, out var root))
        {
            _roots.Add(version, root = new PrefixNode(null, [], -1));
        }

        return root;
    }

    private PrefixNode Add(PrefixNode parent, ReadOnlyMemory<int> tokens, int page)
    {
        _evictable.Remove(parent);
        var added = parent.Add(tokens, page);
        added.LastUse = ++_clock;
        _unread++;
        _evictable.Add(added);
        return added;
    }

    private void Acquire(PrefixNode node)
    {
        if (node.References++ == 0)
        {
            _unread--;
            _evictable.Remove(node);
        }
    }

    private void Let(PrefixNode node)
    {
        node.LastUse = ++_clock;
        if (--node.References == 0)
        {
            _unread++;
            if (node.IsLeaf)
            {
                _evictable.Add(node);
            }
        }
    }
}
