using System.Numerics;

namespace Rebound.Python;

/// <summary>
/// CPython's <c>random.Random</c> as far as selection needs it: the same seed gives the same choices
/// (https://docs.python.org/3/library/random.html).
/// </summary>
public sealed class PythonRandom
{
    private readonly MersenneTwister _twister;

    /// <summary>As <c>random.seed(seed)</c>.</summary>
    /// <param name="seed">The sign is ignored, as in CPython.</param>
    public PythonRandom(long seed)
    {
        var magnitude = seed < 0 ? 0UL - (ulong)seed : (ulong)seed;
        var (low, high) = ((uint)magnitude, (uint)(magnitude >> 32));
        _twister = new MersenneTwister(high == 0 ? [low] : [low, high]);
    }

    /// <summary>As <c>random.sample(range(n), k)</c>: k different numbers below n, in the order drawn.</summary>
    /// <exception cref="ArgumentOutOfRangeException">k is negative or larger than n.</exception>
    public int[] Sample(int n, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        return n <= PoolThreshold(k) ? SampleFromPool(n, k) : SampleBySet(n, k);
    }

    /// <summary>As <c>random.shuffle(items)</c>.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Up to which size CPython takes a list of all candidates for smaller than a set of k chosen ones.</summary>
    private static double PoolThreshold(int k)
    {
        const int smallSet = 21;
        return k <= 5 ? smallSet : smallSet + Math.Pow(4, Math.Ceiling(Math.Log(k * 3.0) / Math.Log(4)));
    }

    private int[] SampleFromPool(int n, int k)
    {
        var pool = Enumerable.Range(0, n).ToArray();
        var chosen = new int[k];
        for (var i = 0; i < k; i++)
        {
            var j = Below(n - i);
            chosen[i] = pool[j];
            pool[j] = pool[n - i - 1];
        }

        return chosen;
    }

    private int[] SampleBySet(int n, int k)
    {
        var seen = new HashSet<int>(k);
        var chosen = new int[k];
        for (var i = 0; i < k; i++)
        {
            int j;
            do
            {
                j = Below(n);
            }
            while (!seen.Add(j));

            chosen[i] = j;
        }

        return chosen;
    }

    /// <summary>A uniform number below n: as many random bits as n has, drawn again until below it.</summary>
    private int Below(int n)
    {
        var unused = BitOperations.LeadingZeroCount((uint)n);
        uint value;
        do
        {
            value = _twister.Next() >> unused;
        }
        while (value >= (uint)n);

        return (int)value;
    }
}
