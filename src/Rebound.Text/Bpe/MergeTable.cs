using System.Numerics;
using System.Runtime.CompilerServices;

namespace Rebound.Text.Bpe;

/// <summary>
/// The merges of a vocabulary: which neighbouring symbols become one, and how early, a lower rank going first. One flat
/// table of 8-byte entries, each the pair's ids and its rank; what the pair becomes is looked up by rank, once it merges.
/// </summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int NoRank = int.MaxValue;

    /// <summary>How many ids the entries have room for.</summary>
    public const int MostIds = 1 << IdBits;

    private const int IdBits = 22;
    private const int RankBits = 64 - (2 * IdBits);
    private const ulong Empty = ulong.MaxValue;

    /// <summary>Pairs of ids below this are looked up directly: most vocabularies start with the 256 bytes.</summary>
    private const int DirectIds = 256;

    private readonly ulong[] _entries;
    private readonly int _shift;
    private readonly int[] _direct = new int[DirectIds * DirectIds];
    private readonly int[] _mergedIds;

    /// <param name="merges">The merges in the order of their ranks; of a pair given twice the later counts.</param>
    /// <exception cref="TokenizerException">There are more than the entries have room for.</exception>
    public MergeTable(IReadOnlyList<(int Left, int Right, int Merged)> merges)
    {
        if (merges.Count >= (1 << RankBits) - 1)
        {
            throw new TokenizerException($"model.merges holds {merges.Count} merges; at most {(1 << RankBits) - 2} are supported.");
        }

        var length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count + (merges.Count / 2)));
        _entries = new ulong[length];
        _entries.AsSpan().Fill(Empty);
        _shift = 64 - BitOperations.Log2((uint)length);
        _direct.AsSpan().Fill(NoRank);
        _mergedIds = new int[merges.Count];
        Fill(merges);
    }

    /// <summary>How many merges there are.</summary>
    public int Count => _mergedIds.Length;

    /// <summary>The ids of all symbols that merge, and what they merge into.</summary>
    public IEnumerable<(int Left, int Right, int Merged)> All() => _entries
        .Where(entry => entry != Empty)
        .Select(entry => (
            (int)(entry >> (RankBits + IdBits)),
            (int)(entry >> RankBits) & (MostIds - 1),
            _mergedIds[(int)entry & ((1 << RankBits) - 1)]));

    /// <summary>The rank of a pair, or <see cref="NoRank"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RankOf(int left, int right)
    {
        if ((left | right) < DirectIds)
        {
            return _direct[(left * DirectIds) + right];
        }

        var entry = _entries[FindSlot(Pair(left, right))];
        return entry == Empty ? NoRank : (int)entry & ((1 << RankBits) - 1);
    }

    /// <summary>The merged token of a rank's pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int MergedId(int rank) => _mergedIds[rank];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill(IReadOnlyList<(int Left, int Right, int Merged)> merges)
    {
        for (var rank = 0; rank < _mergedIds.Length; rank++)
        {
            var (left, right, merged) = merges[rank];
            var pair = Pair(left, right);
            _entries[FindSlot(pair)] = (pair << RankBits) | (uint)rank;
            _mergedIds[rank] = merged;
            if ((left | right) < DirectIds)
            {
                _direct[(left * DirectIds) + right] = rank;
            }
        }
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << IdBits) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindSlot(ulong pair)
    {
        var entries = _entries;
        var slot = (int)((pair * 0x9E3779B97F4A7C15) >> _shift);
        while (entries[slot] >> RankBits != pair && entries[slot] != Empty)
        {
            slot = (slot + 1) & (entries.Length - 1);
        }

        return slot;
    }
}
