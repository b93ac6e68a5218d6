using System.Text.Json.Nodes;
using Rebound.Text.Bpe;

namespace Rebound.Text.Loading;

/// <summary>The <c>truncation</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="MaxLength">How many ids an encoding holds at most, special tokens among them.</param>
/// <param name="FromLeft">Whether the beginning is cut off instead of the end.</param>
internal sealed record Truncation(int MaxLength, bool FromLeft)
{
    public static Truncation Read(JsonFields fields)
    {
        var direction = fields.String("direction", absent: "Right");
        if (direction is not ("Left" or "Right"))
        {
            throw fields.UnknownValue("direction", direction, "Left", "Right");
        }

        fields.Node("strategy"); // Which of two texts to shorten, and how far overflowing parts overlap: one text has neither.
        fields.Node("stride");
        var result = new Truncation(fields.Integer("max_length"), direction == "Left");
        fields.Finish();
        return result;
    }

    /// <summary>Shortens <paramref name="ids"/> so that <paramref name="added"/> more fit.</summary>
    public void Apply(TokenBuffer ids, int added)
    {
        var most = Math.Max(0, MaxLength - added);
        if (ids.Count > most)
        {
            ids.Keep(FromLeft ? ids.Count - most : 0, most);
        }
    }
}

/// <summary>The <c>padding</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="Length">The least length; 0 where the longest text of a batch decides, which here is the only one.</param>
/// <param name="Multiple">What the length must be a multiple of.</param>
/// <param name="PadId">The id to fill up with.</param>
/// <param name="OnLeft">Whether to fill up before the ids instead of after them.</param>
internal sealed record Padding(int Length, int Multiple, int PadId, bool OnLeft)
{
    public static Padding Read(JsonFields fields)
    {
        var direction = fields.String("direction", absent: "Right");
        if (direction is not ("Left" or "Right"))
        {
            throw fields.UnknownValue("direction", direction, "Left", "Right");
        }

        fields.Node("pad_type_id");
        fields.Node("pad_token");
        var result = new Padding(
            ReadLength(fields),
            fields.Has("pad_to_multiple_of") ? Math.Max(1, fields.Integer("pad_to_multiple_of")) : 1,
            fields.Integer("pad_id"),
            direction == "Left");
        fields.Finish();
        return result;
    }

    public void Apply(TokenBuffer ids)
    {
        var wanted = Math.Max(ids.Count, Length);
        wanted = checked((wanted + Multiple - 1) / Multiple * Multiple);
        var fill = new int[wanted - ids.Count];
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

    private static int ReadLength(JsonFields fields)
    {
        if (fields.Node("strategy") is JsonValue value && value.TryGetValue<string>(out var name))
        {
            return name == "BatchLongest" ? 0 : throw fields.UnknownValue("strategy", name, "BatchLongest", "{\"Fixed\": n}");
        }

        var strategy = fields.Object("strategy");
        var length = strategy.Integer("Fixed");
        strategy.Finish();
        return length;
    }
}
