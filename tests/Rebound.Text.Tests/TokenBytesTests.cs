using System.Text;
using Rebound.Testing;

namespace Rebound.Text.Tests;

/// <summary>What tokens add to a text, byte by byte.</summary>
public sealed class TokenBytesTests
{
    private const string Sample = "{\"größe\": [1, 2.5e3], \"日本\": \"😀 \\n\", \"tab\": \"a\tb\"}";

    [Theory]
    [InlineData("llama2")]
    [InlineData("llama3")]
    [InlineData("qwen3")]
    public void The_bytes_of_a_texts_tokens_are_the_texts_bytes(string name)
    {
        var tokenizer = Tokenizer.Load(SharedData.Path($"tokenizers/{name}"));
        var bytes = TokenBytes.Of(tokenizer);

        var text = Encoding.UTF8.GetString([.. tokenizer.Encode(Sample).SelectMany(id => bytes[id]!)]);

        Assert.Equal(Sample, text.TrimStart(' '));
        Assert.All(tokenizer.AddedTokens, token => Assert.Null(bytes[token.Id]));
        Assert.Equal(tokenizer.VocabularySize, bytes.Length);
    }
}
