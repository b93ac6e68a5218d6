using Rebound.Text.Loading;
using Rebound.Text.Patterns;

namespace Rebound.Text.Decoding;

/// <summary>Takes token texts as they come, in fragments.</summary>
internal abstract class TextSink
{
    /// <summary>Takes a fragment of a token's text.</summary>
    /// <param name="endsToken">Whether the token ends with it; else more of it follows.</param>
    public abstract void Accept(ReadOnlySpan<char> fragment, bool endsToken);

    /// <summary>Ends the text: what was held back goes on.</summary>
    public abstract void Complete();
}

/// <summary>
/// One step from token texts to text. A step works on a stream and holds back only what later tokens may still change,
/// so that decoding at once and token by token are the same code and give the same text.
/// </summary>
internal abstract class TokenDecoder
{
    /// <summary>A fresh stream through this step into <paramref name="next"/>.</summary>
    public abstract TextSink Open(TextSink next);

    /// <summary>The <c>decoder</c> of a <c>tokenizer.json</c>.</summary>
    public static TokenDecoder Read(JsonFields fields)
    {
        TokenDecoder result = fields.Type switch
        {
            "Sequence" => new SequenceDecoder(
                [.. fields.Array("decoders").Select(entry => Read(new JsonFields(entry.Item, entry.Place)))]),
            "ByteLevel" => ReadByteLevel(fields),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Replace" => new ReplaceDecoder(TextPattern.Read(fields.Object("pattern")), fields.String("content")),
            "Strip" => new StripDecoder(fields.Character("content"), fields.Integer("start"), fields.Integer("stop")),
            "Metaspace" => MetaspaceDecoder.From(fields),
            "BPEDecoder" => new SuffixDecoder(fields.String("suffix")),
            _ => throw fields.UnknownType(
                "a decoder", "Sequence", "ByteLevel", "ByteFallback", "Fuse", "Replace", "Strip", "Metaspace", "BPEDecoder"),
        };
        fields.Finish();
        return result;
    }

    /// <summary>ByteLevel's settings concern encoding alone.</summary>
    private static ByteLevelDecoder ReadByteLevel(JsonFields fields)
    {
        fields.Boolean("add_prefix_space", absent: true);
        fields.Boolean("trim_offsets", absent: true);
        fields.Boolean("use_regex", absent: true);
        return new ByteLevelDecoder();
    }
}

/// <summary>Decoders one after another.</summary>
internal sealed class SequenceDecoder(TokenDecoder[] stages) : TokenDecoder
{
    public override TextSink Open(TextSink next)
    {
        for (var i = stages.Length - 1; i >= 0; i--)
        {
            next = stages[i].Open(next);
        }

        return next;
    }
}

/// <summary>Without a decoder, the tokens' texts with a space between.</summary>
internal sealed class SpaceJoiningDecoder : TokenDecoder
{
    public override TextSink Open(TextSink next) => new Stream(next);

    private sealed class Stream(TextSink next) : TextSink
    {
        private bool _startsToken;

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken)
        {
            if (_startsToken)
            {
                next.Accept(" ", endsToken: false);
            }

            next.Accept(fragment, endsToken);
            _startsToken = endsToken;
        }

        public override void Complete() => next.Complete();
    }
}

/// <summary>All tokens become one, which matters to the steps after it.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    public override TextSink Open(TextSink next) => new Stream(next);

    private sealed class Stream(TextSink next) : TextSink
    {
        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken) => next.Accept(fragment, endsToken: false);

        public override void Complete()
        {
            next.Accept([], endsToken: true);
            next.Complete();
        }
    }
}
