using System.Text;

namespace Rebound.Text.Decoding;

/// <summary>
/// UTF-8 that comes in parts to text, whole characters only. What is not UTF-8 becomes U+FFFD, one for every maximal
/// part of a character (the Unicode Standard, chapter 3.9, "U+FFFD Substitution of Maximal Subparts").
/// </summary>
internal sealed class Utf8Assembler
{
    private readonly byte[] _held = new byte[4];
    private int _heldCount;

    /// <summary>The text that is certain by now.</summary>
    public ReadOnlySpan<char> Append(ReadOnlySpan<byte> bytes)
    {
        if (_heldCount > 0)
        {
            var joined = new byte[_heldCount + bytes.Length];
            _held.AsSpan(0, _heldCount).CopyTo(joined);
            bytes.CopyTo(joined.AsSpan(_heldCount));
            bytes = joined;
        }

        _heldCount = IncompleteTail(bytes);
        bytes[^_heldCount..].CopyTo(_held);
        return Encoding.UTF8.GetString(bytes[..^_heldCount]);
    }

    /// <summary>The text of what is held back: a character that never ended.</summary>
    public ReadOnlySpan<char> Finish()
    {
        var text = Encoding.UTF8.GetString(_held.AsSpan(0, _heldCount));
        _heldCount = 0;
        return text;
    }

    /// <summary>How many bytes at the end begin a character that further bytes may complete.</summary>
    private static int IncompleteTail(ReadOnlySpan<byte> bytes)
    {
        for (var length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            if ((bytes[^length] & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == System.Buffers.OperationStatus.NeedMoreData
                    ? length
                    : 0;
            }
        }

        return 0;
    }
}
