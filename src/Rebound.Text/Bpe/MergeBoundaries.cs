using System.Text;

namespace Rebound.Text.Bpe;

/// <summary>
/// Where a text may be cut before merging without changing its ids: between two characters that stand side by side in
/// no piece that a merge makes, since then no merge ever reaches over the cut. It is what makes vocabularies without a
/// pre-tokenizer (Llama 2's) fast: their texts fall apart into words that a cache can hold.
/// </summary>
/// <remarks>
/// Only ASCII and <c>▁</c> are told apart; every other character is never cut from its neighbours. A character that the
/// vocabulary lacks is cut off only when every byte has a piece to fall back to and no merge names its own; where characters
/// may become unknown it is not, since those wait for what follows them.
/// </remarks>
internal sealed class MergeBoundaries
{
    private const char Metaspace = '▁';
    private const int MetaspaceClass = 128;
    private const int OtherClass = 129;
    private const int ClassCount = 130;

    private readonly bool[] _joined = new bool[ClassCount * ClassCount];

    private MergeBoundaries(BpeModel model)
    {
        var inMerges = new HashSet<int>();
        foreach (var (left, right, merged) in model.Merges.All())
        {
            inMerges.Add(left);
            inMerges.Add(right);
            NotePairs(model.Vocabulary[merged]);
        }

        for (var c = 0; c < ClassCount; c++)
        {
            if (!MayBeCutOff(model, c, inMerges))
            {
                for (var other = 0; other < ClassCount; other++)
                {
                    _joined[(c * ClassCount) + other] = true;
                    _joined[(other * ClassCount) + c] = true;
                }
            }
        }
    }

    /// <summary>The boundaries of a model that reads plain text, or null where a word's meaning lies in its whole.</summary>
    public static MergeBoundaries? Of(BpeModel model) =>
        model.IsByteLevel || model.HasAffixes || model.Settings.IgnoreMerges ? null : new MergeBoundaries(model);

    /// <summary>The end of the stretch that begins at <paramref name="start"/> and that no cut divides.</summary>
    public int NextCut(ReadOnlySpan<char> text, int start)
    {
        var left = Class(text[start]);
        for (var i = start + 1; i < text.Length; i++)
        {
            var right = Class(text[i]);
            if (!_joined[(left * ClassCount) + right])
            {
                return i;
            }

            left = right;
        }

        return text.Length;
    }

    private void NotePairs(ReadOnlySpan<byte> piece)
    {
        var text = Encoding.UTF8.GetString(piece);
        for (var i = 1; i < text.Length; i++)
        {
            _joined[(Class(text[i - 1]) * ClassCount) + Class(text[i])] = true;
        }
    }

    private static bool MayBeCutOff(BpeModel model, int charClass, HashSet<int> inMerges)
    {
        if (charClass == OtherClass)
        {
            return false;
        }

        var character = charClass == MetaspaceClass ? Metaspace : (char)charClass;
        if (model.Vocabulary.TryGetId(Encoding.UTF8.GetBytes([character]), out _))
        {
            return true;
        }

        var fallback = charClass < 128 ? model.FallbackId((byte)charClass) : -1;
        return fallback >= 0 && !model.HasUnknownCharacters && !inMerges.Contains(fallback);
    }

    private static int Class(char c) => c < 128 ? c : c == Metaspace ? MetaspaceClass : OtherClass;
}
