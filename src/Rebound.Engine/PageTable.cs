namespace Rebound.Engine;

/// <summary>Which pages hold the cached tokens of which document of a batch.</summary>
public sealed class PageTable
{
    /// <summary>Tokens of one page.</summary>
    public const int PageTokens = 64;

    private readonly int[][] _pages;

    /// <param name="pages">[D][pages of the sequence, in order of position].</param>
    public PageTable(IEnumerable<int[]> pages)
    {
        _pages = [.. pages];
        foreach (var sequence in _pages)
        {
            LongestSequence = Math.Max(LongestSequence, sequence.Length);
            foreach (var page in sequence)
            {
                (Lowest, Highest) = (Math.Min(Lowest, page), Math.Max(Highest, page));
            }
        }
    }

    public int Sequences => _pages.Length;

    /// <summary>Pages of the longest sequence.</summary>
    public int LongestSequence { get; }

    /// <summary>The lowest page of any sequence, or 0.</summary>
    internal int Lowest { get; }

    /// <summary>The highest page of any sequence, or 0.</summary>
    internal int Highest { get; }

    /// <summary>The pages of one sequence: position p is in page <c>p / PageTokens</c> of this list.</summary>
    public ReadOnlySpan<int> Pages(int sequence) => _pages[sequence];

    /// <summary>The slot of each token of a batch.</summary>
    /// <param name="slots">[T], =: page · <see cref="PageTokens"/> + place in the page.</param>
    internal void PlaceTokens(PackedBatch batch, Span<int> slots)
    {
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var pages = _pages[d];
            for (var t = batch.DocumentStarts[d]; t < batch.DocumentStarts[d + 1]; t++)
            {
                var (page, place) = Math.DivRem(batch.Positions[t], PageTokens);
                slots[t] = checked((pages[page] * PageTokens) + place);
            }
        }
    }
}
