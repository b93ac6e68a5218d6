using Rebound.Text.Loading;

namespace Rebound.Text;

/// <summary>A token that is matched in the text itself, before the tokenizer's model: <c>&lt;|im_end|&gt;</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="SingleWord">Whether it counts only where no word character stands next to it.</param>
/// <param name="StripLeft">Whether it swallows white space before it.</param>
/// <param name="StripRight">Whether it swallows white space after it.</param>
/// <param name="Normalized">Whether it is looked for in the normalized text.</param>
/// <param name="Special">Whether decoding may leave it out.</param>
public sealed record AddedToken(
    int Id, string Content, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized, bool Special)
{
    /// <summary>No token known is near this long; looking for longer ones takes a step for every character of each.</summary>
    private const int MostLength = 1000;

    /// <summary>The entry of a <c>tokenizer.json</c>.</summary>
    internal static AddedToken Read(JsonFields fields) => Read(fields, fields.Integer("id"));

    /// <summary>An entry that stands under its id, or has none yet.</summary>
    internal static AddedToken Read(JsonFields fields, int id)
    {
        var special = fields.Boolean("special", absent: false);
        var token = new AddedToken(
            id,
            fields.String("content"),
            fields.Boolean("single_word", absent: false),
            fields.Boolean("lstrip", absent: false),
            fields.Boolean("rstrip", absent: false),
            fields.Boolean("normalized", absent: !special),
            special);
        fields.Finish();
        return token.Content.Length <= MostLength ? token : throw new TokenizerException(
            $"{fields.Place}.content has {token.Content.Length} characters, but an added token must have at most {MostLength}.");
    }
}
