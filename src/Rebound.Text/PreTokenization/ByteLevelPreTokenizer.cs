using Rebound.Text.Loading;

namespace Rebound.Text.PreTokenization;

/// <summary>
/// Splits into GPT-2's words, after adding a space in front if that is asked for. The bytes themselves are the model's
/// business: a byte-level model reads its pieces as UTF-8, without the detour over printable characters.
/// </summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : PreTokenizer
{
    private static readonly WordPattern Words = WordPattern.Find(WordPattern.Gpt2)!;

    public static ByteLevelPreTokenizer From(JsonFields fields)
    {
        fields.Boolean("trim_offsets", absent: true);
        return new ByteLevelPreTokenizer(fields.Boolean("add_prefix_space", true), fields.Boolean("use_regex", true));
    }

    public override void Apply(SplitText text)
    {
        if (addPrefixSpace)
        {
            PieceRewriting.Prepend(text, " ");
        }

        if (!useRegex)
        {
            return;
        }

        foreach (var piece in text.Pieces)
        {
            Words.Split(text, piece);
        }

        text.Commit();
    }
}
