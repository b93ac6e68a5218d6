using System.Text.Json.Nodes;

namespace Rebound.Text.Loading;

/// <summary>The ids that go before and after a text when special tokens are added to it.</summary>
internal sealed record PostProcessor(int[] Before, int[] After)
{
    public static PostProcessor None { get; } = new([], []);

    public IEnumerable<int> Ids => [.. Before, .. After];

    /// <summary>The <c>post_processor</c> of a <c>tokenizer.json</c>.</summary>
    public static PostProcessor Read(JsonFields fields)
    {
        var result = fields.Type switch
        {
            "TemplateProcessing" => ReadTemplate(fields),
            "BertProcessing" => new PostProcessor([ReadPair(fields, "cls")], [ReadPair(fields, "sep")]),
            "RobertaProcessing" => ReadRoberta(fields),
            "ByteLevel" => ReadByteLevel(fields),
            "Sequence" => ReadSequence(fields),
            _ => throw fields.UnknownType(
                "a post-processor", "TemplateProcessing", "ByteLevel", "Sequence", "BertProcessing", "RobertaProcessing"),
        };
        fields.Finish();
        return result;
    }

    private static PostProcessor ReadSequence(JsonFields fields)
    {
        var result = None;
        foreach (var (item, place) in fields.Array("processors"))
        {
            var outer = Read(new JsonFields(item, place));
            result = new PostProcessor([.. outer.Before, .. result.Before], [.. result.After, .. outer.After]);
        }

        return result;
    }

    /// <summary>ByteLevel's settings concern offsets alone.</summary>
    private static PostProcessor ReadByteLevel(JsonFields fields)
    {
        fields.Boolean("add_prefix_space", absent: true);
        fields.Boolean("trim_offsets", absent: true);
        fields.Boolean("use_regex", absent: true);
        return None;
    }

    private static PostProcessor ReadRoberta(JsonFields fields)
    {
        fields.Boolean("trim_offsets", absent: true);
        fields.Boolean("add_prefix_space", absent: true);
        return new PostProcessor([ReadPair(fields, "cls")], [ReadPair(fields, "sep")]);
    }

    private static int ReadPair(JsonFields fields, string key) =>
        fields.Node(key) is JsonArray { Count: 2 } pair && pair[1] is JsonValue value && value.TryGetValue<int>(out var id)
            ? id
            : throw new TokenizerException($"{fields.Place}.{key} must be a token and its id, such as [\"[SEP]\", 102].");

    private static PostProcessor ReadTemplate(JsonFields fields)
    {
        var special = fields.Object("special_tokens");
        fields.Node("pair"); // For two texts at once, which nothing here encodes.
        List<int> before = [], after = [];
        var seesText = false;
        foreach (var (item, place) in fields.Array("single"))
        {
            var part = new JsonFields(item, place);
            if (part.Has("Sequence"))
            {
                var id = part.Object("Sequence").String("id");
                if (seesText || id != "A")
                {
                    throw new TokenizerException($"{place} names the sequence {id}; a template must hold A once and no other.");
                }

                seesText = true;
            }
            else
            {
                var name = part.Object("SpecialToken").String("id");
                (seesText ? after : before).AddRange(ReadIds(special.Object(name)));
            }

            part.Finish();
        }

        return seesText
            ? new PostProcessor([.. before], [.. after])
            : throw new TokenizerException($"{fields.Place}.single has no sequence A, so the text itself would be lost.");
    }

    private static IEnumerable<int> ReadIds(JsonFields token) => token.Array("ids").Select(entry =>
        entry.Item is JsonValue value && value.TryGetValue<int>(out var id)
            ? id
            : throw new TokenizerException($"{entry.Place} must be a token's id."));
}
