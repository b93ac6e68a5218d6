using System.Text.Json.Nodes;
using Rebound.Text.Bpe;

namespace Rebound.Text.Loading;

/// <summary>The <c>truncation</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="MaxLength">How many ids an encoding holds at most, special tokens among them.</param>
/// <param name="FromLeft">Whether the beginning is cut off instead of the end.</param>
/// <param name="NeedsSecond">Whether only the second of two texts may be shortened; here there is one.</param>
internal sealed record Truncation(int MaxLength, bool FromLeft, bool NeedsSecond)
{
    public static Truncation Read(JsonFields fields)
    {
        var direction = fields.String("direction", absent: "Right");
        if (direction is not ("Left" or "Right"))
        {
            throw fields.UnknownValue("direction", direction, "Left", "Right");
        }

        var strategy = fields.String("strategy", absent: "LongestFirst");
        if (strategy is not ("LongestFirst" or "OnlyFirst" or "OnlySecond"))
        {
            throw fields.UnknownValue("strategy", strategy, "LongestFirst", "OnlyFirst", "OnlySecond");
        }

        fields.Node("stride"); // How far overflowing parts overlap: they are dropped here.
        var result = new Truncation(fields.Integer("max_length"), direction == "Left", strategy == "OnlySecond");
        fields.Finish();
        return result;
    }

    /// <summary>Shortens <paramref name="ids"/> so that <paramref name="added"/> more fit.</summary>
    /// <exception cref="TokenizerException">Only a second text may be shortened.</exception>
    public void Apply(TokenBuffer ids, int added)
    {
        var most = Math.Max(0, MaxLength - added);
        if (ids.Count > most)
        {
            if (NeedsSecond)
            {
                throw new TokenizerException(
                    $"truncation allows {MaxLength} tokens and shortens the second of two texts alone, but the one text has {ids.Count}.");
            }

            ids.Keep(FromLeft ? ids.Count - most : 0, most);
        }
    }
}

/// <summary>The <c>padding</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="Length">The least length; null where the longest text of a batch decides, which here is the only one.</param>
/// <param name="Multiple">The length is padded to a multiple of it.</param>
/// <param name="PadId">The id to fill up with, of a token or of none.</param>
/// <param name="PadToken">Its text where no token has the id.</param>
/// <param name="OnLeft">Whether to fill up before the ids instead of after them.</param>
internal sealed record Padding(int? Length, int Multiple, int PadId, string PadToken, bool OnLeft)
{
    /// <summary>No model reads texts near this long; a larger length is a damaged file, not a reason to fill memory.</summary>
    private const int MostLength = 1 << 20;

    public static Padding Read(JsonFields fields)
    {
        var direction = fields.String("direction", absent: "Right");
        if (direction is not ("Left" or "Right"))
        {
            throw fields.UnknownValue("direction", direction, "Left", "Right");
        }

        fields.Node("pad_type_id");
        var result = new Padding(
            ReadLength(fields),
            fields.Has("pad_to_multiple_of") ? Math.Max(1, Bounded(fields, "pad_to_multiple_of")) : 1,
            fields.Integer("pad_id"),
            fields.String("pad_token", absent: "[PAD]"),
            direction == "Left");
        fields.Finish();
        return result;
    }

    public void Apply(TokenBuffer ids)
    {
        var wanted = Length ?? ids.Count;
        wanted = (wanted + Multiple - 1) / Multiple * Multiple;
        var fill = new int[Math.Max(0, wanted - ids.Count)];
        fill.AsSpan().Fill(PadId);
        if (OnLeft)
        {
            ids.Prepend(fill);
        }
        else
        {
            ids.AddRange(fill);
        }
    }

    private static int Bounded(JsonFields fields, string key) => fields.Integer(key) is <= MostLength and var length
        ? length
        : throw new TokenizerException($"{fields.Place}.{key} is {fields.Integer(key)}, but must be at most {MostLength}.");

    private static int? ReadLength(JsonFields fields)
    {
        if (fields.Node("strategy") is JsonValue value && value.TryGetValue<string>(out var name))
        {
            return name == "BatchLongest" ? null : throw fields.UnknownValue("strategy", name, "BatchLongest", "{\"Fixed\": n}");
        }

        var strategy = fields.Object("strategy");
        var length = Bounded(strategy, "Fixed");
        strategy.Finish();
        return length;
    }
}
