using Rebound.Engine;
using Rebound.Text;

namespace Rebound.Models.Export;

/// <summary>Documents that are the same for every model of a vocabulary, and a model's logits on them.</summary>
internal static class LogitsProbe
{
    private const int Documents = 2;
    private const int DocumentTokens = 32;
    private const int MostTextTokens = 96;

    private static readonly string[] Texts =
    [
        "Question: A farmer has 17 sheep and buys 5 more every month. How many sheep are there after four months?\n"
            + "Answer: He buys 4 * 5 = 20 sheep in four months. 17 + 20 = 37, so there are 37 sheep.",
        "The river rises in the mountains of the north, and flows through three countries before it reaches the sea. For most of its "
            + "length it can be travelled by ships, which made it a road for traders long before there were any others.",
        "def mean(values):\n    \"\"\"The arithmetic mean of a list.\"\"\"\n    return sum(values) / len(values)\n",
    ];

    /// <summary>Documents of tokens from all over a vocabulary.</summary>
    public static PackedBatch Random(LlamaConfig config)
    {
        var random = new CounterRandom(seed: 0, stream: 0);
        var length = Math.Min(DocumentTokens, config.ContextLength);
        int[] tokens = [.. Enumerable.Range(0, Documents * length).Select(i => (int)(random.Uniform((ulong)i) * config.VocabularySize))];
        return new PackedBatch(tokens, [.. Enumerable.Range(0, Documents + 1).Select(document => document * length)]);
    }

    /// <summary>Fixed texts as a tokenizer's documents.</summary>
    public static PackedBatch OfTexts(LlamaConfig config, Tokenizer tokenizer)
    {
        var (tokens, starts) = (new List<int>(), new List<int> { 0 });
        foreach (var text in Texts)
        {
            tokens.AddRange(tokenizer.Encode(text, addSpecialTokens: true).Take(Math.Min(MostTextTokens, config.ContextLength)));
            starts.Add(tokens.Count);
        }

        return new PackedBatch([.. tokens], [.. starts]);
    }

    /// <returns>[T, V].</returns>
    public static float[] Logits(LlamaModel model, PackedBatch batch)
    {
        var logits = new float[(long)batch.TokenCount * model.Config.VocabularySize];
        model.Logits(batch, logits);
        return logits;
    }
}
