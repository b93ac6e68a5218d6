using Rebound.Engine;

namespace Rebound.Inference.Scheduling;

/// <summary>The pages that hold one branch's keys and values, in order of position: first those that others may read too.</summary>
internal sealed class BlockTable
{
    private readonly List<int> _pages = [];
    private readonly List<PrefixNode> _shared = [];

    /// <summary>Position p lies in page <c>p / PageTokens</c> of these.</summary>
    public IReadOnlyList<int> Pages => _pages;

    /// <summary>The nodes of the prefix cache that the first pages belong to.</summary>
    public IReadOnlyList<PrefixNode> Shared => _shared;

    /// <summary>Pages that a sequence of so many tokens takes.</summary>
    public static int PagesFor(int tokens) => (tokens + PageTable.PageTokens - 1) / PageTable.PageTokens;

    /// <summary>The pages as a batch reads them.</summary>
    public int[] ToArray() => [.. _pages];

    public void Append(int page) => _pages.Add(page);

    /// <summary>Adds a page that others have computed, or puts it in the place of the branch's own.</summary>
    public void Share(PrefixNode node)
    {
        if (_shared.Count < _pages.Count)
        {
            _pages[_shared.Count] = node.Page;
        }
        else
        {
            _pages.Add(node.Page);
        }

        _shared.Add(node);
    }

    public void Clear()
    {
        _pages.Clear();
        _shared.Clear();
    }
}
