namespace Rebound.Inference.Scheduling;

/// <summary>The free pages of a cache.</summary>
internal sealed class PagePool
{
    private readonly Stack<int> _free;

    public PagePool(int pages) => (Pages, _free) = (pages, new Stack<int>(Enumerable.Range(0, pages).Reverse()));

    /// <summary>All pages, free or not.</summary>
    public int Pages { get; }

    public int Free => _free.Count;

    /// <summary>Takes a page, of which there must be one.</summary>
    public int Take() => _free.Pop();

    public void Return(int page) => _free.Push(page);
}
