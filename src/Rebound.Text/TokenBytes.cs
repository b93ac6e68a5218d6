using System.Globalization;
using System.Text;
using Rebound.Text.Bpe;
using Rebound.Text.Decoding;

namespace Rebound.Text;

/// <summary>The bytes that each token adds to a text.</summary>
public static class TokenBytes
{
    /// <summary>Stands before a token, so that what decoders do to the beginning of a text is not done to it.</summary>
    private const string Before = "a";

    /// <summary>
    /// [V] by id; null for tokens that were added to the vocabulary, special ones among them, for ids without a token, and for tokens that
    /// are no text after another.
    /// </summary>
    public static byte[]?[] Of(Tokenizer tokenizer)
    {
        var added = tokenizer.AddedTokens.Select(token => token.Id).ToHashSet();
        var vocabulary = tokenizer.Definition.Model.Vocabulary;
        var hasByteTokens = !tokenizer.Definition.Model.IsByteLevel && Decode(tokenizer, "<0x41>") == "A";
        var bytes = new byte[]?[tokenizer.VocabularySize];
        for (var id = 0; id < bytes.Length; id++)
        {
            if (!added.Contains(id) && vocabulary.Contains(id))
            {
                var text = Encoding.UTF8.GetString(vocabulary[id]);
                bytes[id] = tokenizer.Definition.Model.IsByteLevel ? OfStandIns(text)
                    : hasByteTokens && OfByteToken(text) is { } value ? [value]
                    : Decode(tokenizer, text) is { } decoded ? Encoding.UTF8.GetBytes(decoded) : null;
            }
        }

        return bytes;
    }

    private static byte[] OfStandIns(string text) => text.All(character => ByteAlphabet.ByteOf(character) >= 0)
        ? [.. text.Select(character => (byte)ByteAlphabet.ByteOf(character))]
        : Encoding.UTF8.GetBytes(text);

    /// <summary>The byte of <c>&lt;0xE2&gt;</c>.</summary>
    private static byte? OfByteToken(string text) => text is ['<', '0', 'x', _, _, '>']
        && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The text that a token adds behind another one; null if it changes that one.</summary>
    private static string? Decode(Tokenizer tokenizer, string token)
    {
        var sink = new Collector();
        var stream = tokenizer.Decoder.Open(sink);
        stream.Accept(Before, endsToken: true);
        stream.Accept(token, endsToken: true);
        stream.Complete();
        var text = sink.Text.ToString();
        return text.StartsWith(Before, StringComparison.Ordinal) ? text[Before.Length..] : null;
    }

    private sealed class Collector : TextSink
    {
        public StringBuilder Text { get; } = new();

        public override void Accept(ReadOnlySpan<char> fragment, bool endsToken) => Text.Append(fragment);

        public override void Complete()
        {
        }
    }
}
