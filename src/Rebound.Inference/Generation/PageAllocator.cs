namespace Rebound.Inference.Generation;

/// <summary>Hands out the pages of a cache.</summary>
internal sealed class PageAllocator
{
    private readonly Stack<int> _free;

    public PageAllocator(int pages) => _free = new Stack<int>(Enumerable.Range(0, pages).Reverse());

    public int Free => _free.Count;

    /// <summary>Takes <paramref name="count"/> pages, of which there must be as many free.</summary>
    public int[] Take(int count)
    {
        var pages = new int[count];
        for (var i = 0; i < count; i++)
        {
            pages[i] = _free.Pop();
        }

        return pages;
    }

    public void Return(int[] pages)
    {
        foreach (var page in pages)
        {
            _free.Push(page);
        }
    }
}
