namespace Rebound.Engine;

/// <summary>
/// Which elements of a matrix dropout keeps: a function of seed, row and column alone, so that a backward draws the
/// forward's mask again instead of keeping it, and every backend the same. A row has a key, a column is hashed with it by
/// <c>lowbias32</c> (Wellons 2018, "Prospecting for Hash Functions", https://nullprogram.com/blog/2018/07/31/).
/// </summary>
public static class DropoutMask
{
    /// <summary>Hash inputs of neighbouring columns are this far apart: 2³² / golden ratio.</summary>
    public const uint ColumnStep = 0x9E3779B9;

    /// <summary>Elements with a hash below are dropped.</summary>
    /// <param name="rate">Share of the elements that are dropped.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not from 0 to below 1.</exception>
    public static uint Threshold(float rate) => rate is >= 0 and < 1
        ? (uint)Math.Min(uint.MaxValue, Math.Round(rate * 4294967296.0))
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate is from 0 to below 1.");

    /// <summary>The key of a row: the upper half of SplitMix64's output number <paramref name="row"/> + 1.</summary>
    public static uint RowKey(ulong seed, int row)
    {
        var z = seed + (0x9E3779B97F4A7C15 * ((ulong)row + 1));
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (uint)((z ^ (z >> 31)) >> 32);
    }

    /// <summary>Whether an element is kept.</summary>
    /// <param name="rowKey">Of <see cref="RowKey"/>.</param>
    /// <param name="threshold">Of <see cref="Threshold"/>.</param>
    public static bool Keeps(uint rowKey, int column, uint threshold)
    {
        var x = rowKey + ((uint)column * ColumnStep);
        x = (x ^ (x >> 16)) * 0x7FEB352D;
        x = (x ^ (x >> 15)) * 0x846CA68B;
        return (x ^ (x >> 16)) >= threshold;
    }
}
