using System.Numerics;
using System.Runtime.InteropServices;

namespace Rebound.Text.Bpe;

/// <summary>
/// The model's pieces and their ids, keyed by UTF-8 in a flat table: neither loading nor looking up makes strings.
/// </summary>
internal sealed class Vocabulary
{
    /// <summary>No vocabulary known is near this; a larger id is a damaged file, not a reason to allocate gigabytes.</summary>
    private const int LargestId = (1 << 24) - 1;

    private byte[] _bytes = new byte[1 << 20];
    private int _byteCount;
    private int[] _slots = NewSlots(1 << 17);
    private int[] _starts = NewSlots(1 << 15);
    private int[] _lengths = new int[1 << 15];

    /// <summary>How many pieces there are.</summary>
    public int Count { get; private set; }

    /// <summary>One more than the largest id.</summary>
    public int Size { get; private set; }

    public bool Contains(int id) => (uint)id < (uint)Size && _starts[id] >= 0;

    /// <summary>The UTF-8 of a piece; empty if no piece has this id.</summary>
    public ReadOnlySpan<byte> this[int id] => Contains(id) ? _bytes.AsSpan(_starts[id], _lengths[id]) : default;

    public bool TryGetId(ReadOnlySpan<byte> piece, out int id)
    {
        id = _slots[FindSlot(piece)];
        return id >= 0;
    }

    /// <summary>Adds a piece; a piece or an id given twice is an error.</summary>
    public void Add(ReadOnlySpan<byte> piece, int id)
    {
        if (id is < 0 or > LargestId)
        {
            throw new TokenizerException($"model.vocab gives '{Show(piece)}' the id {id}, but ids run from 0 to {LargestId}.");
        }

        if (Contains(id))
        {
            throw new TokenizerException($"model.vocab gives the id {id} to both '{Show(this[id])}' and '{Show(piece)}'.");
        }

        if (2 * Count >= _slots.Length)
        {
            Rehash();
        }

        var slot = FindSlot(piece);
        if (_slots[slot] >= 0)
        {
            throw new TokenizerException($"model.vocab holds '{Show(piece)}' twice, as {_slots[slot]} and {id}.");
        }

        _slots[slot] = id;
        Store(piece, id);
    }

    private void Store(ReadOnlySpan<byte> piece, int id)
    {
        if (id >= _starts.Length)
        {
            var grown = (int)BitOperations.RoundUpToPowerOf2((uint)id + 1);
            var old = _starts.Length;
            Array.Resize(ref _starts, grown);
            _starts.AsSpan(old).Fill(-1);
            Array.Resize(ref _lengths, grown);
        }

        if (_bytes.Length - _byteCount < piece.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _byteCount + piece.Length));
        }

        piece.CopyTo(_bytes.AsSpan(_byteCount));
        _starts[id] = _byteCount;
        _lengths[id] = piece.Length;
        _byteCount += piece.Length;
        Count++;
        Size = Math.Max(Size, id + 1);
    }

    private int FindSlot(ReadOnlySpan<byte> piece)
    {
        var mask = _slots.Length - 1;
        for (var slot = (int)Hash(piece) & mask; ; slot = (slot + 1) & mask)
        {
            var id = _slots[slot];
            if (id < 0 || this[id].SequenceEqual(piece))
            {
                return slot;
            }
        }
    }

    private void Rehash()
    {
        _slots = NewSlots(2 * _slots.Length);
        for (var id = 0; id < Size; id++)
        {
            if (_starts[id] >= 0)
            {
                _slots[FindSlot(this[id])] = id;
            }
        }
    }

    private static uint Hash(ReadOnlySpan<byte> piece)
    {
        var hash = (ulong)piece.Length * 0x9E3779B97F4A7C15;
        while (piece.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(piece));
            piece = piece[8..];
        }

        ulong tail = 0;
        foreach (var b in piece)
        {
            tail = (tail << 8) | b;
        }

        return (uint)Mix(hash ^ tail);
    }

    private static ulong Mix(ulong value)
    {
        value *= 0xD6E8FEB86659FD93;
        return value ^ (value >> 32);
    }

    private static int[] NewSlots(int length)
    {
        var slots = new int[length];
        slots.AsSpan().Fill(-1);
        return slots;
    }

    private static string Show(ReadOnlySpan<byte> piece) => System.Text.Encoding.UTF8.GetString(piece);
}
