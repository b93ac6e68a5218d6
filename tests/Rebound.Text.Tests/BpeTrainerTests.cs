using System.Text;
using System.Text.Json.Nodes;
using Rebound.Text.Bpe;

namespace Rebound.Text.Tests;

public sealed class BpeTrainerTests
{
    private static readonly string[] Corpus =
    [
        .. SampleTexts.Many(300, seed: 5), "low low low low low lower lower newest newest newest newest newest newest widest widest widest",
        "aaaaaa aaaaaa aaa", "<|end|>low<|end|>",
    ];

    [Fact]
    public void A_trained_vocabulary_loads_and_gives_every_text_back()
    {
        var tokenizer = Tokenizer.Parse(Train(700));
        Assert.Equal(700, tokenizer.VocabularySize);
        foreach (var text in SampleTexts.Many(300, seed: 6).Concat(Corpus))
        {
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }

        Assert.Equal([698, 699], tokenizer.Encode("<|start|><|end|>"));
        Assert.Equal("", tokenizer.Decode([698, 699], skipSpecialTokens: true));
    }

    [Fact]
    public void The_first_merges_are_the_most_frequent_pairs()
    {
        var trainer = new BpeTrainer(new BpeTrainerOptions { VocabularySize = 300, Pattern = BpeTrainerOptions.Gpt2Pattern });
        trainer.Add("low low low low low lower lower newest newest newest newest newest newest widest widest widest");
        var merges = Merges(trainer.Train()).Take(4).ToArray();

        // "es", "st" and "Ġlo"'s parts: es and st occur 9 times each, e (101) being below s (115); then "es"+"t", 9 times.
        Assert.Equal(["e s", "es t", "l o", "lo w"], merges);
    }

    [Fact]
    public void Training_does_not_depend_on_the_order_of_texts()
    {
        var trainer = new BpeTrainer(Options(500));
        foreach (var text in Corpus.Reverse())
        {
            trainer.Add(text);
        }

        Assert.Equal(Train(500).ToJsonString(), trainer.Train().ToJsonString());
    }

    [Fact]
    public void Every_merge_is_the_most_frequent_pair_at_its_time()
    {
        var json = Train(400);
        var words = CountWords();
        foreach (var merge in Merges(json))
        {
            var counts = new Dictionary<(string, string), long>();
            foreach (var (symbols, weight) in words)
            {
                for (var i = 0; i + 1 < symbols.Count; i++)
                {
                    var pair = (symbols[i], symbols[i + 1]);
                    counts[pair] = counts.GetValueOrDefault(pair) + weight;
                }
            }

            var parts = merge.Split(' ');
            Assert.Equal(counts.Values.Max(), counts[(parts[0], parts[1])]);
            foreach (var (symbols, _) in words)
            {
                MergeOne(symbols, parts[0], parts[1]);
            }
        }
    }

    [Fact]
    public void Encoding_applies_the_merges_in_the_order_of_their_ranks()
    {
        var json = Train(600);
        var tokenizer = Tokenizer.Parse(json);
        var merges = Merges(json).Select(merge => merge.Split(' ')).ToArray();
        foreach (var (symbols, _) in CountWords().Take(300))
        {
            var word = string.Concat(symbols);
            foreach (var merge in merges)
            {
                MergeOne(symbols, merge[0], merge[1]);
            }

            var bytes = word.Select(c => (byte)ByteAlphabet.ByteOf(c)).ToArray();
            Assert.Equal(symbols, tokenizer.Encode(Encoding.UTF8.GetString(bytes)).Select(tokenizer.IdToToken));
        }
    }

    [Fact]
    public void Contradictory_options_are_all_named()
    {
        var options = new BpeTrainerOptions { VocabularySize = 10, MinFrequency = 0, SpecialTokens = ["a", "a"] };
        var message = Assert.Throws<ArgumentException>(() => new BpeTrainer(options)).Message;
        Assert.Contains("VocabularySize is 10", message, StringComparison.Ordinal);
        Assert.Contains("MinFrequency is 0", message, StringComparison.Ordinal);
        Assert.Contains("SpecialTokens", message, StringComparison.Ordinal);
    }

    private static BpeTrainerOptions Options(int size) => new() { VocabularySize = size, SpecialTokens = ["<|start|>", "<|end|>"] };

    private static JsonObject Train(int size)
    {
        var trainer = new BpeTrainer(Options(size));
        foreach (var text in Corpus)
        {
            trainer.Add(text);
        }

        return trainer.Train();
    }

    private static IEnumerable<string> Merges(JsonObject json) =>
        json["model"]!["merges"]!.AsArray().Select(pair => $"{pair![0]} {pair[1]}");

    /// <summary>The corpus's words as byte symbols, found by the vocabulary that has no merges.</summary>
    private static List<(List<string> Symbols, long Weight)> CountWords()
    {
        var split = new PreTokenization.SplitText();
        var words = new PreTokenization.WordPreTokenizer(PreTokenization.WordPattern.Find(BpeTrainerOptions.Llama3Pattern)!);
        var counts = new Dictionary<string, long>();
        foreach (var text in Corpus.SelectMany(text => text.Split("<|end|>")))
        {
            split.Reset(text, head: 1);
            words.Apply(split);
            foreach (var piece in split.Pieces)
            {
                var word = split[piece].ToString();
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }

        return [.. counts.Select(word => (
            Encoding.UTF8.GetBytes(word.Key).Select(b => ByteAlphabet.CharOf(b).ToString()).ToList(), word.Value))];
    }

    private static void MergeOne(List<string> symbols, string left, string right)
    {
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (symbols[i] == left && symbols[i + 1] == right)
            {
                symbols[i] += right;
                symbols.RemoveAt(i + 1);
            }
        }
    }
}
