using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.LlamaCpp.Tests;

/// <summary>llama.cpp gives texts the tokens that the tokenizers library gives them, from the metadata that was written.</summary>
public sealed class TokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Two ways of llama.cpp are known: it does not compose characters before Qwen's tokenizer, and takes any token "&lt;/s&gt;" for a special
    /// one. Texts that show them are left out.
    /// </summary>
    [Theory]
    [InlineData("llama2", 32000, 0)]
    [InlineData("llama3", 128256, 0)]
    [InlineData("qwen3", 151936, 12)]
    public void Texts_have_the_same_tokens(string name, int rows, int leftOut)
    {
        var source = TokenizerSource.Open(SharedData.Path($"tokenizers/{name}"));
        var path = TokenizerFile.Write(source, rows, _folder);
        var json = source.Json.DeepClone().AsObject();
        json["normalizer"] = name == "llama2" ? json["normalizer"]?.DeepClone() : null;
        var uncomposed = Tokenizer.Parse(json);
        using var llama = new LlamaCpp(path, tokenizerOnly: true);
        var (others, known) = (new List<string>(), 0);
        foreach (var row in File.ReadLines(SharedData.Path($"golden/tokens/{name}.jsonl")).Select(line => JsonNode.Parse(line)!))
        {
            var text = (string)row["text"]!;
            if (llama.Tokenize(text, addSpecialTokens: true).SequenceEqual(row["ids_with_special"]!.AsArray().Select(id => (int)id!)))
            {
                continue;
            }

            var isKnown = text.Contains("</s>") || !uncomposed.Encode(text).AsSpan().SequenceEqual(source.Tokenizer.Encode(text));
            known += isKnown ? 1 : 0;
            others.AddRange(isKnown ? [] : [row["text"]!.ToJsonString()]);
        }

        Assert.Empty(others);
        Assert.Equal(leftOut, known);
    }
}
