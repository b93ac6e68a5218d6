using Rebound.Text.Unicode;

namespace Rebound.Text.PreTokenization;

/// <summary>
/// Hand-written scanners for the split patterns that nearly every byte-level vocabulary uses, exact by code point and
/// linear in the text. Each is equal to its pattern under <see cref="Patterns.CodePointRegex"/>, which the tests check.
/// </summary>
internal abstract class WordPattern
{
    /// <summary>GPT-2's pattern, which the ByteLevel pre-tokenizer applies too.</summary>
    public const string Gpt2 =
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3's pattern: numbers in threes.</summary>
    public const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Qwen 2's and 3's pattern: every digit apart.</summary>
    public const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The scanner for a pattern, or null if there is none.</summary>
    public static WordPattern? Find(string pattern) => pattern switch
    {
        Gpt2 => new Gpt2WordPattern(),
        Llama3 => new Llama3WordPattern(maxDigits: 3),
        Qwen2 => new Llama3WordPattern(maxDigits: 1),
        _ => null,
    };

    /// <summary>
    /// Adds the words of <paramref name="piece"/> to the next pieces. The pattern matches everywhere, so the words cover
    /// the piece without gaps.
    /// </summary>
    public abstract void Split(SplitText text, Piece piece);

    /// <summary>The end of the run of <paramref name="wanted"/> code points that begins at <paramref name="index"/>.</summary>
    protected static int RunEnd(ReadOnlySpan<char> text, int index, CharClass wanted)
    {
        while (index < text.Length)
        {
            var found = CodePoints.UnitClass(text[index]);
            var units = 1;
            if (found == CharClass.Surrogate)
            {
                found = CodePoints.ClassAt(text, index, out units);
            }

            if (found != wanted)
            {
                break;
            }

            index += units;
        }

        return index;
    }

    /// <summary>The end of the run of white space, line breaks included, that begins at <paramref name="index"/>.</summary>
    protected static int SpaceEnd(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && CodePoints.UnitClass(text[index]) is CharClass.Space or CharClass.Newline)
        {
            index++;
        }

        return index;
    }

    /// <summary>
    /// <c>\s+(?!\S)|\s+</c> over the run [<paramref name="start"/>, <paramref name="runEnd"/>): all of it at the end of
    /// the text, else all but its last character, which goes to what follows, unless it is the only one.
    /// </summary>
    protected static int SpacesBeforeWord(ReadOnlySpan<char> text, int start, int runEnd) =>
        runEnd == text.Length || runEnd - start == 1 ? runEnd : runEnd - 1;
}
