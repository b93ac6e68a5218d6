using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Text.Bpe;

/// <summary>
/// Words met before and their ids, in a flat table that grows with them up to a bound and then starts over, so that
/// memory stays bounded on any input. A word of at most eight ASCII characters is its own key, which most words are; of
/// others the key is a hash, and their characters are kept beside. One thread's.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are rare, and seldom come again.</summary>
    private const int LongestWord = 48;

    private const int LongestPacked = 8;
    private const int FewestSlots = 1 << 12;
    private const int MostSlots = 1 << 17;
    private const ulong NotAscii = 0xFF80_FF80_FF80_FF80;

    private Slot[] _slots = new Slot[FewestSlots];
    private int _shift = 64 - 12;
    private char[] _chars = new char[1 << 12];
    private int[] _ids = new int[1 << 13];
    private int _charCount;
    private int _idCount;
    private int _wordCount;

    /// <summary>Adds the word's ids to <paramref name="output"/> if it is known.</summary>
    /// <param name="key">The key for <see cref="Store"/> if it is not.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ReadOnlySpan<char> word, TokenBuffer output, out Key key)
    {
        if (word.Length > LongestWord)
        {
            key = default;
            return false;
        }

        if (!TryPack(word, out var packed))
        {
            return TryGetLong(word, output, out key);
        }

        key = new Key(packed, (short)word.Length);
        ref readonly var slot = ref _slots[FindPacked(key)];
        if (slot.Kind == 0)
        {
            return false;
        }

        AddIds(slot, output, idsStart: slot.Ids);
        return true;
    }

    /// <summary>Remembers a word that <see cref="TryGet"/> has just not found.</summary>
    public void Store(ReadOnlySpan<char> word, ReadOnlySpan<int> ids, Key key)
    {
        if (key.Kind == 0 || ids.Length > short.MaxValue)
        {
            return;
        }

        if (2 * _wordCount == _slots.Length)
        {
            MakeRoom();
        }

        var slot = new Slot { Value = key.Value, Kind = key.Kind, IdCount = (short)ids.Length, Ids = _idCount };
        if (key.Kind < 0)
        {
            Append(ref _ids, ref _idCount, [_charCount]);
            Append(ref _chars, ref _charCount, word);
        }

        if (key.Kind > 0 && ids.Length == 1)
        {
            slot.Ids = ids[0];
        }
        else
        {
            Append(ref _ids, ref _idCount, ids);
        }

        _slots[FindEmpty(key)] = slot;
        _wordCount++;
    }

    /// <summary>The ASCII characters of a short word in one number, the first in the lowest byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryPack(ReadOnlySpan<char> word, out ulong packed)
    {
        packed = 0;
        if (word.Length is > LongestPacked or 0)
        {
            return false;
        }

        if (word.Length >= 4)
        {
            // The last four characters overlap the first four, with the same values at the same places.
            var head = MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word));
            var tail = MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word[^4..]));
            packed = PackFour(head) | (PackFour(tail) << (8 * (word.Length - 4)));
            return ((head | tail) & NotAscii) == 0;
        }

        uint all = 0;
        for (var i = 0; i < word.Length; i++)
        {
            all |= word[i];
            packed |= (ulong)word[i] << (8 * i);
        }

        return all < 0x80;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong PackFour(ulong units)
    {
        units = (units | (units >> 8)) & 0x0000_FFFF_0000_FFFF;
        return (units | (units >> 16)) & 0xFFFF_FFFF;
    }

    private bool TryGetLong(ReadOnlySpan<char> word, TokenBuffer output, out Key key)
    {
        key = new Key(Hash(word), (short)-word.Length);
        if (word.Length == 0)
        {
            return false;
        }

        for (var index = Start(key); _slots[index].Kind != 0; index = Next(index))
        {
            ref readonly var slot = ref _slots[index];
            if (slot.Value == key.Value && slot.Kind == key.Kind && word.SequenceEqual(_chars.AsSpan(_ids[slot.Ids], word.Length)))
            {
                output.AddRange(_ids.AsSpan(slot.Ids + 1, slot.IdCount));
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddIds(in Slot slot, TokenBuffer output, int idsStart)
    {
        if (slot.IdCount == 1)
        {
            output.Add(idsStart);
        }
        else
        {
            output.AddRange(_ids.AsSpan(idsStart, slot.IdCount));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindPacked(Key key)
    {
        var slots = _slots;
        var index = Start(key);
        while (slots[index].Kind != 0 && (slots[index].Value != key.Value || slots[index].Kind != key.Kind))
        {
            index = (index + 1) & (slots.Length - 1);
        }

        return index;
    }

    private int FindEmpty(Key key)
    {
        var index = Start(key);
        while (_slots[index].Kind != 0)
        {
            index = Next(index);
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Start(Key key) => (int)(((key.Value ^ (key.Value >> 29)) * 0x9E3779B97F4A7C15) >> _shift);

    private int Next(int index) => (index + 1) & (_slots.Length - 1);

    private void MakeRoom()
    {
        var old = _slots;
        if (old.Length == MostSlots)
        {
            old.AsSpan().Clear();
            _charCount = _idCount = _wordCount = 0;
            return;
        }

        _slots = new Slot[2 * old.Length];
        _shift--;
        foreach (ref readonly var slot in old.AsSpan())
        {
            if (slot.Kind != 0)
            {
                _slots[FindEmpty(new Key(slot.Value, slot.Kind))] = slot;
            }
        }
    }

    private static void Append<T>(ref T[] array, ref int count, ReadOnlySpan<T> values)
    {
        if (array.Length - count < values.Length)
        {
            Array.Resize(ref array, Math.Max(2 * array.Length, count + values.Length));
        }

        values.CopyTo(array.AsSpan(count));
        count += values.Length;
    }

    private static ulong Hash(ReadOnlySpan<char> word)
    {
        var hash = (ulong)word.Length * 0x9E3779B97F4A7C15;
        while (word.Length >= 4)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word)));
            word = word[4..];
        }

        ulong tail = 0;
        foreach (var unit in word)
        {
            tail = (tail << 16) | unit;
        }

        return Mix(hash ^ tail);
    }

    private static ulong Mix(ulong value)
    {
        value ^= value >> 32;
        value *= 0xD6E8FEB86659FD93;
        return value ^ (value >> 29);
    }

    /// <summary>A word's key.</summary>
    /// <param name="Value">Its packed characters, or their hash.</param>
    /// <param name="Kind">Its length if packed, its negative length if hashed, 0 for a word that is not kept.</param>
    internal readonly record struct Key(ulong Value, short Kind);

    private struct Slot
    {
        public ulong Value;
        public short Kind;
        public short IdCount;

        /// <summary>
        /// Of a packed word its one id, or where its ids start; of a hashed word where its characters' start is noted, right
        /// before its ids.
        /// </summary>
        public int Ids;
    }
}
