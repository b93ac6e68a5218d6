using System.Text;

namespace Rebound.Text.Bpe;

/// <summary>The buffers that one word's tokenization needs; one thread's.</summary>
internal sealed class TokenScratch(MergeTable merges)
{
    private byte[] _utf8 = new byte[256];
    private byte[] _spelled = new byte[256];

    public SymbolMerger Merger { get; } = new(merges);

    public TokenBuffer Symbols { get; } = new();

    /// <summary>The UTF-8 of well-formed text; valid until the next call.</summary>
    public ReadOnlySpan<byte> Utf8(ReadOnlySpan<char> word)
    {
        var most = 3 * word.Length;
        if (_utf8.Length < most)
        {
            _utf8 = new byte[Math.Max(most, 2 * _utf8.Length)];
        }

        return _utf8.AsSpan(0, Encoding.UTF8.GetBytes(word, _utf8));
    }

    /// <summary>The UTF-8 of <paramref name="bytes"/> spelled in <see cref="ByteAlphabet"/>; valid until the next call.</summary>
    public ReadOnlySpan<byte> Spell(ReadOnlySpan<byte> bytes)
    {
        if (_spelled.Length < 2 * bytes.Length)
        {
            _spelled = new byte[Math.Max(2 * bytes.Length, 2 * _spelled.Length)];
        }

        var length = 0;
        foreach (var b in bytes)
        {
            length += new Rune(ByteAlphabet.CharOf(b)).EncodeToUtf8(_spelled.AsSpan(length));
        }

        return _spelled.AsSpan(0, length);
    }
}
