using Rebound.Text.Loading;
using Rebound.Text.Unicode;

namespace Rebound.Text.PreTokenization;

/// <summary>Splits a text into the pieces that the model tokenizes one by one, and may rewrite them.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Splits every present piece of <paramref name="text"/> further.</summary>
    public abstract void Apply(SplitText text);

    /// <summary>The <c>pre_tokenizer</c> of a <c>tokenizer.json</c>.</summary>
    public static PreTokenizer Read(JsonFields fields)
    {
        PreTokenizer result = fields.Type switch
        {
            "Sequence" => new SequencePreTokenizer(
                [.. fields.Array("pretokenizers").Select(entry => Read(new JsonFields(entry.Item, entry.Place)))]),
            "Split" => SplitPreTokenizer.From(fields),
            "ByteLevel" => ByteLevelPreTokenizer.From(fields),
            "Metaspace" => MetaspacePreTokenizer.From(fields),
            "Digits" => new CharacterPreTokenizer(
                CodePoints.IsNumeric,
                fields.Boolean("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
            "Punctuation" => new CharacterPreTokenizer(
                Punctuation.Contains, fields.Has("behavior") ? Splitter.ReadBehavior(fields) : SplitBehavior.Isolated),
            "WhitespaceSplit" => new CharacterPreTokenizer(CodePoints.IsWhiteSpace, SplitBehavior.Removed),
            "Whitespace" => new WhitespacePreTokenizer(),
            "CharDelimiterSplit" => CharacterPreTokenizer.Of(fields.Character("delimiter"), SplitBehavior.Removed),
            _ => throw fields.UnknownType(
                "a pre-tokenizer", "Sequence", "Split", "ByteLevel", "Metaspace", "Digits", "Punctuation",
                "WhitespaceSplit", "Whitespace", "CharDelimiterSplit"),
        };
        fields.Finish();
        return result;
    }
}

/// <summary>Pre-tokenizers one after another.</summary>
internal sealed class SequencePreTokenizer(PreTokenizer[] stages) : PreTokenizer
{
    public IReadOnlyList<PreTokenizer> Stages => stages;

    public override void Apply(SplitText text)
    {
        foreach (var stage in stages)
        {
            stage.Apply(text);
        }
    }
}
