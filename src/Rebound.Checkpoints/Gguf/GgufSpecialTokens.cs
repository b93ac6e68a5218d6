namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// The ids that a GGUF file gives roles, such as <c>tokenizer.ggml.bos_token_id</c>. Converters write some that are no tokens
/// (−1, or one beyond the last); those count as none, which is said.
/// </summary>
internal static class GgufSpecialTokens
{
    /// <summary>End of text, of turn, of message.</summary>
    private static readonly string[] Ends = ["eos", "eot", "eom"];

    private static readonly string[] OtherRoles = ["bos", "unknown", "padding"];

    public static string Key(string role) => $"tokenizer.ggml.{role}_token_id";

    /// <summary>The id of a role; null where the file names none, or one that is no token.</summary>
    public static int? Find(GgufMetadata metadata, string role)
    {
        var key = Key(role);
        return metadata.Integer(key) is { } id && IsToken(metadata, id) ? (int)id : null;
    }

    /// <summary>The tokens that end a text, a turn or a message.</summary>
    public static int[] FindEnds(GgufMetadata metadata) =>
        [.. Ends.Select(role => Find(metadata, role)).OfType<int>().Distinct()];

    /// <summary>A sentence for each id that is no token.</summary>
    public static IEnumerable<string> Warnings(GgufMetadata metadata) =>
        from role in Ends.Concat(OtherRoles)
        let id = metadata.Integer(Key(role))
        where id is { } number && !IsToken(metadata, number)
        select $"{metadata.Path}: metadata '{Key(role)}' is {(id == uint.MaxValue ? -1 : id)}, and there is no such token; it is left out.";

    private static bool IsToken(GgufMetadata metadata, long id) =>
        id >= 0 && id < (metadata.Length(GgufVocabulary.TokensKey) ?? int.MaxValue);
}
