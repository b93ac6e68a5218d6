using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// The tokens of a generated turn in a row: <c>{"tokenizer": "…", "token_ids": "40 7 2", "logprobs": "-0.12 0 -1.5"}</c>. Numbers are
/// parted by blanks, which takes a fraction of the space and memory of lists.
/// </summary>
internal static class GeneratedTokensJson
{
    /// <summary>The turn's member; one of another form is a member like any other.</summary>
    public const string Member = "generated";

    private const string Tokenizer = "tokenizer";
    private const string TokenIds = "token_ids";
    private const string LogProbabilities = "logprobs";

    /// <summary>Digits behind the point, an error of 0.005% in a probability.</summary>
    private const int Digits = 4;

    private const string Unknown = "nan";

    public static bool IsTokens(JsonProperty member) => member.NameEquals(Member) && IsTokens(member.Value);

    /// <summary>The tokens of a turn; null where it tells none.</summary>
    /// <exception cref="DataException">They cannot be read; the field is named.</exception>
    public static GeneratedTokens? Read(DataRow row, JsonElement turn, string path)
    {
        if (!turn.TryGetProperty(Member, out var value) || !IsTokens(value))
        {
            return null;
        }

        var field = DataRow.Field(path, Member);
        int[] ids = [.. Numbers(row, value, field, TokenIds).Select(text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw row.Error(
                DataRow.Field(field, TokenIds), $"has '{text}'; a token id is a whole number from 0 on, and blanks part them."))];
        float[] logProbabilities = DataRow.Optional(value, LogProbabilities) is null
            ? [.. ids.Select(_ => float.NaN)]
            : [.. Numbers(row, value, field, LogProbabilities).Select(text =>
                float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !(number > 0) ? number
                    : throw row.Error(
                        DataRow.Field(field, LogProbabilities),
                        $"has '{text}'; the logarithm of a probability is a number of at most 0, or {Unknown}, and blanks part them."))];
        return ids.Length == logProbabilities.Length
            ? new GeneratedTokens(row.Text(value, field, Tokenizer), ids, logProbabilities)
            : throw row.Error(
                DataRow.Field(field, LogProbabilities), $"has {logProbabilities.Length} numbers for {ids.Length} token ids.");
    }

    public static JsonObject Write(GeneratedTokens tokens)
    {
        var written = new JsonObject
        {
            [Tokenizer] = tokens.Tokenizer,
            [TokenIds] = string.Join(' ', tokens.Ids.Select(id => id.ToString(CultureInfo.InvariantCulture))),
        };
        if (tokens.LogProbabilities.Any(number => !float.IsNaN(number)))
        {
            written[LogProbabilities] = string.Join(' ', tokens.LogProbabilities.Select(Short));
        }

        return written;
    }

    private static bool IsTokens(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(TokenIds, out _);

    private static string[] Numbers(DataRow row, JsonElement value, string field, string name) =>
        row.Text(value, field, name).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Short(float number) => float.IsNaN(number) ? Unknown
        : Math.Min(0, Math.Round((double)number, Digits)) is var rounded && rounded == 0 ? "0"
        : rounded.ToString(CultureInfo.InvariantCulture);
}
