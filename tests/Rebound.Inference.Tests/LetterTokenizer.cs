using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.Inference.Tests;

/// <summary>A tokenizer for <see cref="TinyModel"/>.</summary>
internal static class LetterTokenizer
{
    /// <summary>Every token is two letters: token 27 is <c>Bb</c>.</summary>
    public static Tokenizer Create()
    {
        var vocabulary = new JsonObject();
        for (var id = 0; id < TinyModel.Vocabulary; id++)
        {
            vocabulary[$"{(char)('A' + (id / 26))}{(char)('a' + (id % 26))}"] = id;
        }

        return Tokenizer.Parse(new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = null,
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "Fuse" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        });
    }
}
