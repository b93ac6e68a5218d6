using Rebound.Text.Loading;
using Rebound.Text.PreTokenization;

namespace Rebound.Text.Normalization;

/// <summary>Rewrites a text before it is split.</summary>
internal abstract class Normalizer
{
    /// <summary>The normalized text; the same instance if nothing changes.</summary>
    /// <param name="head">The text's head (<see cref="InputStart"/>), which becomes that of the normalized text.</param>
    public abstract string Normalize(string text, ref int head);

    /// <summary>The normalized text; the same instance if nothing changes.</summary>
    public string Normalize(string text)
    {
        var head = InputStart.Nowhere;
        return Normalize(text, ref head);
    }

    /// <summary>A quick look that may say no although the text would not change.</summary>
    public virtual bool LeavesUnchanged(ReadOnlySpan<char> text) => false;

    /// <summary>The <c>normalizer</c> of a <c>tokenizer.json</c>.</summary>
    public static Normalizer Read(JsonFields fields)
    {
        Normalizer result = fields.Type switch
        {
            "Sequence" => new SequenceNormalizer(
                [.. fields.Array("normalizers").Select(entry => Read(new JsonFields(entry.Item, entry.Place)))]),
            "Prepend" => new PrependNormalizer(fields.String("prepend")),
            "Replace" => ReplaceNormalizer.From(fields),
            "NFC" => new UnicodeNormalizer(compatible: false, composed: true),
            "NFD" => new UnicodeNormalizer(compatible: false, composed: false),
            "NFKC" => new UnicodeNormalizer(compatible: true, composed: true),
            "NFKD" => new UnicodeNormalizer(compatible: true, composed: false),
            "Lowercase" => new LowercaseNormalizer(),
            "Strip" => new StripNormalizer(fields.Boolean("strip_left"), fields.Boolean("strip_right")),
            "StripAccents" => new StripAccentsNormalizer(),
            _ => throw fields.UnknownType(
                "a normalizer", "Sequence", "Prepend", "Replace", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Strip",
                "StripAccents"),
        };
        fields.Finish();
        return result;
    }
}

/// <summary>Normalizers one after another.</summary>
internal sealed class SequenceNormalizer(Normalizer[] stages) : Normalizer
{
    public override string Normalize(string text, ref int head)
    {
        foreach (var stage in stages)
        {
            text = stage.Normalize(text, ref head);
        }

        return text;
    }

    public override bool LeavesUnchanged(ReadOnlySpan<char> text)
    {
        foreach (var stage in stages)
        {
            if (!stage.LeavesUnchanged(text))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Puts a string before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override string Normalize(string text, ref int head)
    {
        if (text.Length == 0)
        {
            return text;
        }

        head = InputStart.AfterPrepending(head, prefix.Length);
        return prefix + text;
    }
}

/// <summary>Takes white space off the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    public override string Normalize(string text, ref int head)
    {
        var rest = left ? text.TrimStart() : text;
        var stripped = right ? rest.TrimEnd() : rest;
        head = Math.Min(InputStart.Behind(head, text.Length - rest.Length), stripped.Length);
        return stripped;
    }
}
