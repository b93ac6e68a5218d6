using System.Collections;
using System.Text;
using Rebound.Text.Unicode;

namespace Rebound.Text.Normalization;

/// <summary>
/// The Unicode normalization forms (Unicode Standard Annex 15, https://www.unicode.org/reports/tr15/): decomposition,
/// canonical order, and for the composed forms composition.
/// </summary>
internal sealed class UnicodeNormalizer : Normalizer
{
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TrailCount;

    private readonly bool _compatible;
    private readonly bool _composed;
    private readonly Lazy<BitArray> _mayChange;

    /// <param name="compatible">Whether compatibility decompositions apply (NFKC, NFKD).</param>
    /// <param name="composed">Whether to compose (NFC, NFKC).</param>
    public UnicodeNormalizer(bool compatible, bool composed)
    {
        (_compatible, _composed) = (compatible, composed);
        _mayChange = new Lazy<BitArray>(FindWhatMayChange);
    }

    private static NormalizationData Data => NormalizationData.Instance;

    public override bool LeavesUnchanged(ReadOnlySpan<char> text)
    {
        // Composed text changes only from U+0300 on, other text and compatibility characters from U+00A0 on.
        if (!text.ContainsAnyExceptInRange('\0', _composed && !_compatible ? '\u02FF' : '\u009F'))
        {
            return true;
        }

        var mayChange = _mayChange.Value;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] >= 0xA0)
            {
                if (mayChange[CodePoints.At(text, i, out var units)])
                {
                    return false;
                }

                i += units - 1;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    /// <remarks>As many code points stand for the input's first as its own normal form has, whatever they are.</remarks>
    public override string Normalize(string text, ref int head)
    {
        if (LeavesUnchanged(text))
        {
            return text;
        }

        var result = NormalizeFully(text);
        if (head > 0)
        {
            var count = NormalizeFully(text[..head]).EnumerateRunes().Count();
            head = result.EnumerateRunes().Take(count).Sum(rune => rune.Utf16SequenceLength);
        }

        return result;
    }

    private string NormalizeFully(string text)
    {
        var codePoints = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, codePoints);
        }

        Reorder(codePoints);
        if (_composed)
        {
            Compose(codePoints);
        }

        var result = new StringBuilder(codePoints.Count);
        foreach (var codePoint in codePoints)
        {
            if (codePoint <= char.MaxValue)
            {
                result.Append((char)codePoint);
            }
            else
            {
                result.Append(char.ConvertFromUtf32(codePoint));
            }
        }

        return result.ToString();
    }

    private void Decompose(int codePoint, List<int> output)
    {
        var syllable = codePoint - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            output.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
            output.Add(VowelBase + (syllable / TrailCount % VowelCount));
            if (syllable % TrailCount > 0)
            {
                output.Add(TrailBase + (syllable % TrailCount));
            }
        }
        else if (codePoint >= 0xA0 && Data.Decomposition(codePoint, _compatible) is { } parts)
        {
            foreach (var part in parts)
            {
                Decompose(part, output);
            }
        }
        else
        {
            output.Add(codePoint);
        }
    }

    /// <summary>Sorts every run of combining marks by class, stably.</summary>
    private static void Reorder(List<int> codePoints)
    {
        for (var start = 0; start < codePoints.Count; start++)
        {
            var end = start;
            while (end < codePoints.Count && Data.CombiningClass(codePoints[end]) != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                var sorted = codePoints.GetRange(start, end - start).OrderBy(Data.CombiningClass).ToArray();
                for (var i = 0; i < sorted.Length; i++)
                {
                    codePoints[start + i] = sorted[i];
                }
            }

            start = end;
        }
    }

    /// <summary>Joins each code point to the last starter before it unless a mark of the same or a higher class is between.</summary>
    private static void Compose(List<int> codePoints)
    {
        var kept = 0;
        var starter = -1;
        var lastClass = 0;
        foreach (var codePoint in codePoints.ToArray())
        {
            var combiningClass = Data.CombiningClass(codePoint);
            var isAdjacent = starter == kept - 1;
            if (starter >= 0
                && (isAdjacent || (lastClass != 0 && lastClass < combiningClass))
                && ComposePair(codePoints[starter], codePoint) is >= 0 and var composed)
            {
                codePoints[starter] = composed;
                continue;
            }

            if (combiningClass == 0)
            {
                starter = kept;
            }

            lastClass = combiningClass;
            codePoints[kept++] = codePoint;
        }

        codePoints.RemoveRange(kept, codePoints.Count - kept);
    }

    private static int ComposePair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < LeadCount and var lead && second - VowelBase is >= 0 and < VowelCount and var vowel)
        {
            return SyllableBase + (((lead * VowelCount) + vowel) * TrailCount);
        }

        if (first - SyllableBase is >= 0 and < SyllableCount and var syllable
            && syllable % TrailCount == 0
            && second - TrailBase is > 0 and < TrailCount and var trail)
        {
            return first + trail;
        }

        return Data.Composition(first, second);
    }

    private BitArray FindWhatMayChange()
    {
        var mayChange = new BitArray(0x110000);
        foreach (var codePoint in Data.Combining.Concat(_composed ? Data.Seconds : []))
        {
            mayChange[codePoint] = true;
        }

        foreach (var codePoint in Data.Decomposable)
        {
            var text = char.ConvertFromUtf32(codePoint);
            mayChange[codePoint] |= NormalizeFully(text) != text;
        }

        // Hangul: a syllable falls apart, or grows by a vowel or a trailing consonant.
        Mark(_composed ? VowelBase : SyllableBase, _composed ? VowelCount : SyllableCount);
        Mark(TrailBase + 1, _composed ? TrailCount - 1 : 0);
        return mayChange;

        void Mark(int first, int count)
        {
            for (var i = 0; i < count; i++)
            {
                mayChange[first + i] = true;
            }
        }
    }
}
