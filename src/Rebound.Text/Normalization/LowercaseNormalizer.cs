using System.Text;
using Rebound.Text.Unicode;

namespace Rebound.Text.Normalization;

/// <summary>Lowers every character by itself; the dotted capital I becomes an i and a combining dot.</summary>
internal sealed class LowercaseNormalizer : Normalizer
{
    public override string Normalize(string text, ref int head)
    {
        head = head > 0 ? Lowered(text[..head]).Length : head;
        return Lowered(text);
    }

    private static string Lowered(string text) => text.ToLowerInvariant().Replace("\u0130", "i\u0307", StringComparison.Ordinal);
}

/// <summary>Drops combining marks.</summary>
internal sealed class StripAccentsNormalizer : Normalizer
{
    public override string Normalize(string text, ref int head)
    {
        head = head > 0 ? WithoutMarks(text[..head]).Length : head;
        return WithoutMarks(text);
    }

    private static string WithoutMarks(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!NormalizationData.Instance.IsMark(rune.Value))
            {
                kept.Append(rune);
            }
        }

        return kept.Length == text.Length ? text : kept.ToString();
    }
}
