using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Text.Bpe;

/// <summary>
/// Words met before and their ids, in a flat table of bounded size: it starts over when full, so that memory stays
/// bounded on any input. One thread's.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are rare, and seldom come again.</summary>
    private const int LongestWord = 48;

    private const int SlotBits = 17;
    private const int SlotCount = 1 << SlotBits;
    private const int HashShift = 64 - SlotBits;
    private const int MostWords = SlotCount / 2;
    private const int MostProbes = 32;

    private readonly Slot[] _slots = new Slot[SlotCount];
    private char[] _chars = new char[1 << 16];
    private int[] _ids = new int[1 << 14];
    private int _charCount;
    private int _idCount;
    private int _storedCount;

    /// <summary>Adds the word's ids to <paramref name="output"/> if it is known.</summary>
    /// <param name="place">Where to <see cref="Store"/> it if it is not.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ReadOnlySpan<char> word, TokenBuffer output, out Place place)
    {
        place = new Place(0, -1);
        if (word.Length > LongestWord)
        {
            return false;
        }

        var hash = Hash(word);
        var index = (int)(hash >> HashShift);
        for (var probe = 0; probe < MostProbes; probe++)
        {
            ref readonly var slot = ref _slots[index];
            if (slot.WordLength == 0)
            {
                break;
            }

            if (slot.Hash == (uint)hash
                && slot.WordLength == word.Length
                && word.SequenceEqual(_chars.AsSpan(slot.WordStart, word.Length)))
            {
                if (slot.IdCount == 1)
                {
                    output.Add(slot.Ids);
                }
                else
                {
                    output.AddRange(_ids.AsSpan(slot.Ids, slot.IdCount));
                }

                return true;
            }

            index = (index + 1) & (SlotCount - 1);
        }

        place = new Place(hash, index);
        return false;
    }

    /// <summary>Remembers a word that <see cref="TryGet"/> has just not found.</summary>
    public void Store(ReadOnlySpan<char> word, ReadOnlySpan<int> ids, Place place)
    {
        if (place.Index < 0 || word.Length == 0)
        {
            return;
        }

        var index = place.Index;
        if (_storedCount == MostWords)
        {
            Clear();
            index = (int)(place.Hash >> HashShift);
        }

        var slot = new Slot
        {
            Hash = (uint)place.Hash,
            WordStart = _charCount,
            WordLength = (short)word.Length,
            IdCount = (short)ids.Length,
            Ids = ids.Length == 1 ? ids[0] : _idCount,
        };
        Append(ref _chars, ref _charCount, word);
        if (ids.Length != 1)
        {
            Append(ref _ids, ref _idCount, ids);
        }

        _slots[index] = slot;
        _storedCount++;
    }

    private void Clear()
    {
        _slots.AsSpan().Clear();
        _charCount = _idCount = _storedCount = 0;
    }

    private static void Append<T>(ref T[] array, ref int count, ReadOnlySpan<T> values)
    {
        if (array.Length - count < values.Length)
        {
            Array.Resize(ref array, 2 * array.Length);
        }

        values.CopyTo(array.AsSpan(count));
        count += values.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ReadOnlySpan<char> word)
    {
        var bytes = MemoryMarshal.AsBytes(word);
        var hash = (ulong)bytes.Length * 0x9E3779B97F4A7C15;
        while (bytes.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[8..];
        }

        ulong tail = 0;
        foreach (var unit in word[(word.Length & ~3)..])
        {
            tail = (tail << 16) | unit;
        }

        return Mix(hash ^ tail);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        value ^= value >> 32;
        value *= 0xD6E8FEB86659FD93;
        value ^= value >> 29;
        return value * 0x9E3779B97F4A7C15;
    }

    /// <summary>Where a word that is not in the cache belongs.</summary>
    internal readonly record struct Place(ulong Hash, int Index);

    private struct Slot
    {
        public uint Hash;
        public int WordStart;
        public short WordLength;
        public short IdCount;
        public int Ids;
    }
}
