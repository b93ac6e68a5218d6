using System.Text;
using Rebound.Grammar.Masks;

namespace Rebound.Grammar.Tests;

/// <summary>Masks over a vocabulary, and each token tried by itself.</summary>
public sealed class TokenMaskTests
{
    private const int End = 700;
    private const int Vocabulary = 710;

    /// <summary>Every byte, pieces of JSON, halves of characters, one token twice, and ids without text.</summary>
    private static readonly byte[]?[] Tokens = Make();

    public static TheoryData<string> Kinds => [.. SchemaKinds.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_mask_has_the_tokens_whose_bytes_may_come_and_no_others(string kind)
    {
        var trie = new TokenTrie(Tokens);
        for (var seed = 100; seed < 106; seed++)
        {
            var random = new Random(seed);
            CheckMasks(JsonGrammar.Compile(new SchemaKinds(random).Make(kind).ToJsonString()), trie, random);
        }
    }

    [Theory]
    [MemberData(nameof(TextGrammarTests.Patterns), MemberType = typeof(TextGrammarTests))]
    public void A_mask_of_plain_text_too(string pattern) => CheckMasks(TextGrammar.OfPattern(pattern), new TokenTrie(Tokens), new Random(3));

    [Fact]
    public void Lengths_share_a_walk_over_the_vocabulary_and_have_masks_of_their_own()
    {
        var trie = new TokenTrie(Tokens);
        foreach (var (min, max) in new (int, int?)[] { (0, 1), (0, 3), (1, 1), (2, 2), (2, 5), (3, null), (4, 40), (30, 40) })
        {
            foreach (var spelling in new[] { "\"enum\": [1]", "\"pattern\": \"^[a-f ]*$\"", "\"title\": \"any\"" })
            {
                var length = max is null ? $"\"minLength\": {min}" : $"\"minLength\": {min}, \"maxLength\": {max}";
                var schema = $"{{\"anyOf\": [{{\"type\": \"string\", {length}}}, {{{spelling}, {length}}}]}}";
                var list = $"{{\"type\": \"array\", \"items\": {{\"type\": \"string\", {length}}}}}";
                CheckMasks(JsonGrammar.Compile(schema), trie, new Random(min));
                CheckMasks(JsonGrammar.Compile(list), trie, new Random(min));
            }
        }
    }

    [Fact]
    public void A_mask_of_a_context_free_grammar_too()
    {
        var (trie, compiled) = (new TokenTrie(Tokens), 0);
        for (var seed = 0; seed < 15; seed++)
        {
            var random = new Random(seed);
            if (EbnfKinds.TryMake(random) is { } grammar)
            {
                CheckMasks(grammar.Compiled, trie, random);
                compiled++;
            }
        }

        Assert.True(compiled > 8);
    }

    [Theory]
    [MemberData(nameof(EbnfGrammarTests.Written), MemberType = typeof(EbnfGrammarTests))]
    public void A_mask_of_a_written_grammar_too(string grammar) => CheckMasks(EbnfGrammar.Compile(grammar), new TokenTrie(Tokens), new Random(3));

    [Fact]
    public void Where_no_token_can_follow_the_document_may_end()
    {
        var masks = new TokenMasks(JsonGrammar.Compile("""{"const": "ab"}"""), new TokenTrie(["\"a"u8.ToArray(), "x"u8.ToArray()]), [2], 3);
        var document = new ConstrainedDocument(masks);
        document.Advance(0);

        Assert.Equal(0b100UL, document.Allowed.Span[0]);
        Assert.False(document.IsComplete);
        Assert.Throws<ArgumentException>(() => document.Advance(1));
    }

    [Fact]
    public void Masks_need_an_end_token_of_the_vocabulary()
    {
        var grammar = JsonGrammar.AnyObject();

        Assert.Throws<ArgumentException>(() => new TokenMasks(grammar, new TokenTrie(Tokens), [], Vocabulary));
        Assert.Throws<ArgumentException>(() => new TokenMasks(grammar, new TokenTrie(Tokens), [Vocabulary], Vocabulary));
    }

    private static void CheckMasks(ByteGrammar grammar, TokenTrie trie, Random random)
    {
        var masks = new TokenMasks(grammar, trie, [End], Vocabulary);
        var (document, state, text) = (new ConstrainedDocument(masks), grammar.Start, new List<byte>());
        for (var step = 0; step < 80; step++)
        {
            var allowed = Enumerable.Range(0, Vocabulary).Where(token => Has(document.Allowed.Span, token)).ToArray();
            var expected = Enumerable.Range(0, Tokens.Length).Where(token =>
                Tokens[token] is { Length: > 0 } bytes && grammar.Table.Follow(state, bytes) != grammar.Table.Never);
            Assert.Equal(state.IsNullable ? expected.Append(End).Order() : expected, allowed);
            var chosen = allowed[random.Next(allowed.Length)];
            if (chosen == End)
            {
                Assert.True(grammar.Accepts([.. text]));
                break;
            }

            document.Advance(chosen);
            state = grammar.Table.Follow(state, Tokens[chosen]!);
            text.AddRange(Tokens[chosen]!);
        }
    }

    private static bool Has(ReadOnlySpan<ulong> mask, int token) => (mask[token / 64] >> (token % 64) & 1) == 1;

    private static byte[]?[] Make()
    {
        var random = new Random(5);
        string[] pieces = ["{", "}", "[", "]", "\"", ": ", ", ", "a", "na", "me", "1", "23", "-", ".", "e", "é", "😀", "\\", "n", "u00", "true"];
        var tokens = Enumerable.Range(0, 256).Select(value => (byte[]?)[(byte)value]).ToList();
        while (tokens.Count < End)
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => pieces[random.Next(pieces.Length)])));
            tokens.Add(random.Next(20) == 0 ? null : bytes[..random.Next(1, bytes.Length + 1)]);
        }

        return [.. tokens, null, "{}"u8.ToArray(), "{}"u8.ToArray()];
    }
}
