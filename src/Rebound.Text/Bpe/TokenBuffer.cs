using System.Runtime.CompilerServices;

namespace Rebound.Text.Bpe;

/// <summary>A growing list of ids that hands out its memory.</summary>
internal sealed class TokenBuffer
{
    private int[] _ids = new int[256];

    public int Count { get; private set; }

    public Span<int> Span => _ids.AsSpan(0, Count);

    public void Clear() => Count = 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id)
    {
        var count = Count;
        if (count == _ids.Length)
        {
            Grow(1);
        }

        _ids[count] = id;
        Count = count + 1;
    }

    public void AddRange(ReadOnlySpan<int> ids)
    {
        if (_ids.Length - Count < ids.Length)
        {
            Grow(ids.Length);
        }

        ids.CopyTo(_ids.AsSpan(Count));
        Count += ids.Length;
    }

    /// <summary>Keeps the range that begins at <paramref name="start"/> alone.</summary>
    public void Keep(int start, int length)
    {
        _ids.AsSpan(start, length).CopyTo(_ids);
        Count = length;
    }

    /// <summary>Puts <paramref name="ids"/> before the rest.</summary>
    public void Prepend(ReadOnlySpan<int> ids)
    {
        var count = Count;
        AddRange(ids);
        _ids.AsSpan(0, count).CopyTo(_ids.AsSpan(ids.Length));
        ids.CopyTo(_ids);
    }

    private void Grow(int more) => Array.Resize(ref _ids, Math.Max(2 * _ids.Length, Count + more));
}
