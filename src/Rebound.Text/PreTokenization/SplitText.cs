namespace Rebound.Text.PreTokenization;

/// <summary>A range of the text being split, in UTF-16 units.</summary>
internal readonly record struct Piece(int Start, int End)
{
    public int Length => End - Start;
}

/// <summary>
/// A text on its way through the pre-tokenizers: its characters and the pieces they are split into. A pre-tokenizer
/// reads the pieces, adds the next ones, and commits. The buffers are kept from one text to the next.
/// </summary>
internal sealed class SplitText
{
    private char[] _chars = new char[256];
    private char[] _nextChars = [];
    private int _length;
    private int _nextLength;
    private Piece[] _pieces = new Piece[64];
    private Piece[] _nextPieces = new Piece[64];
    private int _count;
    private int _nextCount;

    public ReadOnlySpan<char> Text => _chars.AsSpan(0, _length);

    public ReadOnlySpan<Piece> Pieces => _pieces.AsSpan(0, _count);

    /// <summary>How many units at the beginning of the text stand for the input's first character (<see cref="InputStart"/>).</summary>
    public int Head { get; private set; }

    public ReadOnlySpan<char> this[Piece piece] => _chars.AsSpan(piece.Start, piece.Length);

    /// <summary>Whether a piece begins where the whole input does (Metaspace's scheme "first" asks).</summary>
    public bool BeginsInput(Piece piece) => piece.Start < Head;

    /// <summary>Starts over with one piece, the whole of <paramref name="text"/>.</summary>
    /// <param name="head">How many units at its beginning stand for the input's first character.</param>
    public void Reset(ReadOnlySpan<char> text, int head)
    {
        if (_chars.Length < text.Length)
        {
            _chars = new char[Math.Max(text.Length, 2 * _chars.Length)];
        }

        text.CopyTo(_chars);
        _length = text.Length;
        _pieces[0] = new Piece(0, text.Length);
        _count = text.Length == 0 ? 0 : 1;
        _nextCount = 0;
        Head = head;
    }

    /// <summary>Adds a range of the present text to the next pieces; an empty one is left out.</summary>
    public void Add(int start, int end)
    {
        if (start == end)
        {
            return;
        }

        if (_nextCount == _nextPieces.Length)
        {
            Array.Resize(ref _nextPieces, 2 * _nextCount);
        }

        _nextPieces[_nextCount++] = new Piece(start, end);
    }

    /// <summary>Adds characters to the text that replaces the present one, and returns how long it is by now.</summary>
    public int Append(ReadOnlySpan<char> chars)
    {
        var needed = _nextLength + chars.Length;
        if (_nextChars.Length < needed)
        {
            Array.Resize(ref _nextChars, Math.Max(needed, 2 * _nextChars.Length));
        }

        chars.CopyTo(_nextChars.AsSpan(_nextLength));
        return _nextLength = needed;
    }

    /// <summary>Makes the added pieces the present ones.</summary>
    public void Commit()
    {
        (_pieces, _nextPieces) = (_nextPieces, _pieces);
        (_count, _nextCount) = (_nextCount, 0);
    }

    /// <summary>Makes the added pieces and the appended text, which they refer to, the present ones.</summary>
    /// <param name="head">How many units at the beginning of that text stand for the input's first character.</param>
    public void CommitRewritten(int head)
    {
        Head = head;
        (_chars, _nextChars) = (_nextChars, _chars);
        (_length, _nextLength) = (_nextLength, 0);
        (_pieces, _nextPieces) = (_nextPieces, _pieces);
        (_count, _nextCount) = (_nextCount, 0);
    }
}
