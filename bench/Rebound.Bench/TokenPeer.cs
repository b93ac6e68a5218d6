using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Rebound.Bench;

/// <summary>
/// Microsoft.ML.Tokenizers over the vocabulary, merges and pattern of a <c>tokenizer.json</c>, which it does not read itself: what a
/// caller has to take out of the file and put together by hand. Without a normalizer, which nothing in plain English text needs.
/// </summary>
internal static class TokenPeer
{
    /// <returns>Null for a tokenizer of another form than byte-level BPE behind one pattern.</returns>
    public static BpeTokenizer? Load(string folderOrFile)
    {
        var file = Directory.Exists(folderOrFile) ? Path.Combine(folderOrFile, "tokenizer.json") : folderOrFile;
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var (model, split) = (json.RootElement.GetProperty("model"), json.RootElement.GetProperty("pre_tokenizer"));
        if (split.ValueKind != JsonValueKind.Object || !split.TryGetProperty("pretokenizers", out var parts)
            || !parts[0].TryGetProperty("pattern", out var pattern) || !pattern.TryGetProperty("Regex", out var regex))
        {
            return null;
        }

        return BpeTokenizer.Create(
            new BpeOptions(model.GetProperty("vocab").EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetInt32())))
            {
                Merges = [.. model.GetProperty("merges").EnumerateArray()
                    .Select(merge => merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0].GetString()} {merge[1].GetString()}")],
                PreTokenizer = new RegexPreTokenizer(new Regex(regex.GetString()!, RegexOptions.Compiled, Timeout.InfiniteTimeSpan), null),
                ByteLevel = true,
            });
    }
}
