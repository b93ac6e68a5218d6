using Rebound.Text.Unicode;

namespace Rebound.Text.PreTokenization;

/// <summary>
/// Whether a piece begins where the input does. The tokenizers library asks where the piece's first character comes from, and
/// several may come from the input's first: what a normalizer or a pre-tokenizer puts before a character stands for it. So a
/// text carries its <em>head</em>: how many UTF-16 units at its beginning stand for the input's first character, 0 if that was
/// taken away, and <see cref="Nowhere"/> in a text from behind an added token.
/// </summary>
internal static class InputStart
{
    /// <summary>The head of a text that begins later than the input.</summary>
    public const int Nowhere = -1;

    /// <summary>The head of an input.</summary>
    public static int Of(ReadOnlySpan<char> input)
    {
        if (input.IsEmpty)
        {
            return 0;
        }

        CodePoints.At(input, 0, out var units);
        return units;
    }

    /// <summary>The head of what stands from <paramref name="start"/> on.</summary>
    public static int Behind(int head, int start) => head < 0 ? head : Math.Max(0, head - start);

    /// <summary>The head after something of a length was put in front, which stands for the character that it stands before.</summary>
    public static int AfterPrepending(int head, int length) => head > 0 ? head + length : head;

    /// <summary>
    /// The head after a match at [start, end) of the text so far, which may be of nothing, became something else: that stands
    /// for the match's last character, or for the one before it.
    /// </summary>
    public static int AfterReplacing(int head, int start, int end, int length)
    {
        if (head < 0 || start > head)
        {
            return head;
        }

        return end == 0 || end <= head ? head - (end - start) + length : start;
    }
}
