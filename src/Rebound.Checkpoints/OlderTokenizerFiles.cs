using System.Text.Json.Nodes;

namespace Rebound.Checkpoints;

/// <summary>
/// Files in which older models say what a <c>tokenizer_config.json</c> with an <c>added_tokens_decoder</c> says itself. As in
/// transformers they count where it has none: special tokens of <c>special_tokens_map.json</c> go before those of the configuration, and
/// tokens of <c>added_tokens.json</c> are added.
/// </summary>
internal static class OlderTokenizerFiles
{
    public const string SpecialTokensFileName = "special_tokens_map.json";
    public const string AddedTokensFileName = "added_tokens.json";

    private const string DecoderKey = "added_tokens_decoder";
    private const string ListKey = "additional_special_tokens";

    /// <summary>Puts the special tokens of a folder's map into its configuration.</summary>
    /// <exception cref="CheckpointException">The map is damaged.</exception>
    public static void AddTo(JsonObject config, string folder)
    {
        foreach (var (key, token) in config.ContainsKey(DecoderKey) ? [] : Read(folder, SpecialTokensFileName))
        {
            config[key] = key == ListKey && token is JsonArray more ? Joined(config[key] as JsonArray ?? [], more) : token?.DeepClone();
        }
    }

    /// <summary>The ids of tokens that are added to a folder's tokenizer.</summary>
    /// <exception cref="CheckpointException">The file is damaged.</exception>
    public static JsonObject AddedTokens(string folder) => Read(folder, AddedTokensFileName);

    private static JsonObject Read(string folder, string name) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? JsonFile.Read(path) : [];

    private static JsonArray Joined(JsonArray first, JsonArray second) => new(
        [.. first.Concat(second.Where(token => !first.Any(known => JsonNode.DeepEquals(known, token))))
            .Select(token => token?.DeepClone())]);
}
