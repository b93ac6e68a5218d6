using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Text.Bpe;

/// <summary>
/// The model's pieces and their ids, keyed by UTF-8 in a flat table: neither loading nor looking up makes strings.
/// </summary>
internal sealed class Vocabulary
{
    /// <summary>No vocabulary known is near this; a larger id is a damaged file, not a reason to allocate gigabytes.</summary>
    private const int LargestId = MergeTable.MostIds - 1;

    private byte[] _bytes;
    private int _byteCount;
    private Slot[] _slots;
    private Place[] _places;

    /// <param name="expectedCount">About how many pieces will be added.</param>
    public Vocabulary(int expectedCount = 1 << 10)
    {
        expectedCount = Math.Clamp(expectedCount, 1 << 10, LargestId);
        _bytes = new byte[8 * expectedCount];
        _slots = NewSlots((int)BitOperations.RoundUpToPowerOf2(2 * (uint)expectedCount));
        _places = new Place[expectedCount];
    }

    /// <summary>How many pieces there are.</summary>
    public int Count { get; private set; }

    /// <summary>One more than the largest id.</summary>
    public int Size { get; private set; }

    public bool Contains(int id) => (uint)id < (uint)Size && _places[id].IsTaken;

    /// <summary>The UTF-8 of a piece; empty if no piece has this id.</summary>
    public ReadOnlySpan<byte> this[int id] =>
        (uint)id < (uint)Size ? _bytes.AsSpan(_places[id].Start, _places[id].Length) : default;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryGetId(ReadOnlySpan<byte> piece, out int id)
    {
        id = _slots[FindSlot(piece, Hash(piece))].Id;
        return id >= 0;
    }

    /// <summary>Adds a piece; a piece or an id given twice is an error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

        var hash = Hash(piece);
        ref var slot = ref _slots[FindSlot(piece, hash)];
        if (slot.Id >= 0)
        {
            throw new TokenizerException($"model.vocab holds '{Show(piece)}' twice, as {slot.Id} and {id}.");
        }

        slot = new Slot(hash, id);
        Store(piece, id);
    }

    private void Store(ReadOnlySpan<byte> piece, int id)
    {
        if (id >= _places.Length)
        {
            Array.Resize(ref _places, (int)BitOperations.RoundUpToPowerOf2((uint)id + 1));
        }

        if (_bytes.Length - _byteCount < piece.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _byteCount + piece.Length));
        }

        piece.CopyTo(_bytes.AsSpan(_byteCount));
        _places[id] = new Place(_byteCount, piece.Length, IsTaken: true);
        _byteCount += piece.Length;
        Count++;
        Size = Math.Max(Size, id + 1);
    }

    private int FindSlot(ReadOnlySpan<byte> piece, uint hash)
    {
        var slots = _slots;
        for (var index = (int)hash & (slots.Length - 1); ; index = (index + 1) & (slots.Length - 1))
        {
            var slot = slots[index];
            if (slot.Id < 0 || (slot.Hash == hash && this[slot.Id].SequenceEqual(piece)))
            {
                return index;
            }
        }
    }

    private void Rehash()
    {
        var old = _slots;
        _slots = NewSlots(2 * old.Length);
        foreach (var slot in old)
        {
            if (slot.Id >= 0)
            {
                _slots[FindSlot(this[slot.Id], slot.Hash)] = slot;
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

    private static Slot[] NewSlots(int length)
    {
        var slots = new Slot[length];
        slots.AsSpan().Fill(new Slot(0, -1));
        return slots;
    }

    private static string Show(ReadOnlySpan<byte> piece) => System.Text.Encoding.UTF8.GetString(piece);

    private readonly record struct Slot(uint Hash, int Id);

    private readonly record struct Place(int Start, int Length, bool IsTaken);
}
