using System.Numerics;
using System.Runtime.CompilerServices;

namespace Rebound.Text.Bpe;

/// <summary>What two neighbouring symbols merge into, and how early: a lower rank goes first.</summary>
internal readonly record struct Merge(int Rank, int Id)
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int NoRank = int.MaxValue;
}

/// <summary>The merges of a vocabulary in one flat table keyed by (left id, right id).</summary>
internal sealed class MergeTable
{
    private readonly Entry[] _entries;
    private readonly int _shift;

    /// <param name="capacity">How many merges will be added at most.</param>
    public MergeTable(int capacity)
    {
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity + (capacity / 2)));
        _entries = new Entry[length];
        _entries.AsSpan().Fill(new Entry { Key = ulong.MaxValue });
        _shift = 64 - BitOperations.Log2((uint)length);
    }

    /// <summary>Adds a merge; one that is there already gets the new rank.</summary>
    public void Add(int left, int right, Merge merge)
    {
        ref var entry = ref Find(Key(left, right));
        entry = new Entry { Key = Key(left, right), Merge = merge };
    }

    /// <summary>The merge of a pair, with <see cref="Merge.NoRank"/> if it has none.</summary>
    public Merge this[int left, int right]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ref readonly var entry = ref Find(Key(left, right));
            return entry.Key == ulong.MaxValue ? new Merge(Merge.NoRank, 0) : entry.Merge;
        }
    }

    /// <summary>All merges, in no particular order.</summary>
    public IEnumerable<(int Left, int Right, Merge Merge)> All() => _entries
        .Where(entry => entry.Key != ulong.MaxValue)
        .Select(entry => ((int)(entry.Key >> 32), (int)(uint)entry.Key, entry.Merge));

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry Find(ulong key)
    {
        var entries = _entries;
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (true)
        {
            ref var entry = ref entries[slot];
            if (entry.Key == key || entry.Key == ulong.MaxValue)
            {
                return ref entry;
            }

            slot = (slot + 1) & (entries.Length - 1);
        }
    }

    private struct Entry
    {
        public ulong Key;
        public Merge Merge;
    }
}
