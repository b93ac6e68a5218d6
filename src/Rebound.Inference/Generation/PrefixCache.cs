using Rebound.Engine;

namespace Rebound.Inference.Generation;

/// <summary>
/// Gives rows their pages, and remembers the pages that prompts begin with: a prompt that begins with the same tokens reads
/// them instead of computing them again, be it the next turn of a conversation or another question after the same
/// instructions. Only whole pages that were computed as part of a prompt are remembered, since a token that was generated
/// went through the model in another batch form. Pages that nobody reads give way to what needs room, the longest unread
/// first.
/// </summary>
internal sealed class PrefixCache
{
    private readonly PageAllocator _allocator;
    private readonly int _fewestComputed;
    private readonly int _mostUnread;
    private readonly PrefixPage _root = new(null, [], -1);
    private readonly HashSet<PrefixPage> _unread = [];
    private long _clock;

    /// <param name="fewestComputed">Tokens of a prompt that are computed in any case, at least 1.</param>
    /// <param name="mostUnread">Pages that may be remembered while nobody reads them.</param>
    public PrefixCache(PageAllocator allocator, int fewestComputed, int mostUnread) =>
        (_allocator, _fewestComputed, _mostUnread) = (allocator, fewestComputed, mostUnread);

    /// <summary>Tokens of a prompt that would have to be computed.</summary>
    public int Missing(CachedTokens row) => row.Length - (Known(row).Count * PageTable.PageTokens);

    /// <summary>Whether the first page that a prompt lacks is about to be computed for another row.</summary>
    public bool Awaits(CachedTokens row, IEnumerable<CachedTokens> computing)
    {
        var end = (Known(row).Count + 1) * PageTable.PageTokens;
        return end <= Reusable(row) && computing.Any(other => other.Length >= end && other.Tokens[..end].SequenceEqual(row.Tokens[..end]));
    }

    /// <summary>Gives rows their pages, those of known beginnings first; without room for all of them nothing changes.</summary>
    public bool TryAdmit(CachedTokens[] rows)
    {
        foreach (var row in rows)
        {
            Known(row).ForEach(page => Read(row, page));
        }

        if (rows.Sum(row => row.PagesNeeded - row.Prefix.Count) > _allocator.Free + _unread.Count)
        {
            Array.ForEach(rows, Release);
            return false;
        }

        foreach (var row in rows)
        {
            var own = row.PagesNeeded - row.Prefix.Count;
            while (_allocator.Free < own)
            {
                ForgetOldest();
            }

            row.Pages = [.. row.Prefix.Select(page => page.Page), .. _allocator.Take(own)];
            row.Reused = row.Prefix.Count * PageTable.PageTokens;
        }

        return true;
    }

    /// <summary>Remembers the pages of a prompt that has been computed. Where another row's came first, that one is read from now on.</summary>
    public void Remember(CachedTokens row)
    {
        var last = row.Prefix.Count > 0 ? row.Prefix[^1] : _root;
        for (var index = row.Prefix.Count; (index + 1) * PageTable.PageTokens <= row.PromptLength; index++)
        {
            var tokens = row.Tokens.Slice(index * PageTable.PageTokens, PageTable.PageTokens);
            if (last.Find(tokens) is { } known)
            {
                _allocator.Return([row.Pages[index]]);
                row.Pages[index] = known.Page;
                last = known;
            }
            else
            {
                last = last.Add(tokens, row.Pages[index]);
            }

            Read(row, last);
        }
    }

    /// <summary>Takes a row's pages back, but keeps those that are remembered.</summary>
    public void Release(CachedTokens row)
    {
        foreach (var page in row.Prefix)
        {
            page.LeftAt = ++_clock;
            if (--page.Readers == 0)
            {
                _unread.Add(page);
            }
        }

        if (row.Pages.Length > 0)
        {
            _allocator.Return(row.Pages[row.Prefix.Count..]);
        }

        row.Pages = [];
        row.Prefix.Clear();
        while (_unread.Count > _mostUnread)
        {
            ForgetOldest();
        }
    }

    private void Read(CachedTokens row, PrefixPage page)
    {
        page.Readers++;
        _unread.Remove(page);
        row.Prefix.Add(page);
    }

    /// <summary>Frees the page that has been unread for longest of those that no other follows; whoever reads a page reads those before it.</summary>
    private void ForgetOldest()
    {
        var oldest = _unread.Where(page => page.IsLast).MinBy(page => page.LeftAt)!;
        _unread.Remove(oldest);
        oldest.Remove();
        _allocator.Return([oldest.Page]);
    }

    /// <summary>The remembered pages that a prompt begins with.</summary>
    private List<PrefixPage> Known(CachedTokens row)
    {
        var (known, last) = (new List<PrefixPage>(), _root);
        for (var end = PageTable.PageTokens; end <= Reusable(row); end += PageTable.PageTokens)
        {
            if (last.Find(row.Tokens[(end - PageTable.PageTokens)..end]) is not { } next)
            {
                break;
            }

            known.Add(last = next);
        }

        return known;
    }

    private int Reusable(CachedTokens row) => row.PromptLength - _fewestComputed;
}
