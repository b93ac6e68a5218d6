using System.Diagnostics;
using Rebound.Grammar;
using Rebound.Grammar.Masks;
using Rebound.Inference.Generation;
using Rebound.Text;

namespace Rebound.Bench;

/// <summary>
/// What holding answers to a JSON Schema or a grammar (GBNF) costs: compiling it, the first mask of each state, and a token once masks are there. A document
/// is drawn token by token, evenly among those allowed, preferring what ends strings, so that many states are seen.
/// </summary>
internal static class GrammarBench
{
    private const int Documents = 40;
    private const int MostTokens = 300;

    public static int Run(string[] arguments)
    {
        if (arguments is not [var tokenizerPath, .. { Length: > 0 } schemas])
        {
            Console.Error.WriteLine("usage: Rebound.Bench grammar TOKENIZER SCHEMA.json|GRAMMAR.gbnf ...");
            return 2;
        }

        var tokenizer = Tokenizer.Load(tokenizerPath);
        var watch = Stopwatch.StartNew();
        var trie = GrammarConstraint.TrieOf(tokenizer);
        Console.WriteLine($"{tokenizer.VocabularySize:N0} tokens, trie in {watch.Elapsed.TotalMilliseconds:F0} ms");
        Console.WriteLine($"{"schema",-28} {"compile ms",10} {"tokens",7} {"masks",6} {"µs/token cold",14} {"ms/new mask",12} {"µs/token warm",14}");
        foreach (var path in schemas)
        {
            Report(Path.GetFileName(path), File.ReadAllText(path), tokenizer, trie);
        }

        return 0;
    }

    private static void Report(string name, string schema, Tokenizer tokenizer, TokenTrie trie)
    {
        Compile(name, schema);
        var watch = Stopwatch.StartNew();
        var grammar = Compile(name, schema);
        var compile = watch.Elapsed.TotalMilliseconds;
        var end = tokenizer.VocabularySize - 1;
        var masks = new TokenMasks(grammar, trie, [end], tokenizer.VocabularySize);
        Draw(masks, end, tokenizer.VocabularySize);
        masks = new TokenMasks(Compile(name, schema), trie, [end], tokenizer.VocabularySize);
        var (cold, tokens) = Draw(masks, end, tokenizer.VocabularySize);
        var computed = masks.Computed;
        var warm = Enumerable.Range(0, 3).Min(_ => Draw(masks, end, tokenizer.VocabularySize).Elapsed.TotalMicroseconds);
        Console.WriteLine(
            $"{name,-28} {compile,10:F1} {tokens,7} {computed,6} {cold.TotalMicroseconds / tokens,14:F1} "
            + $"{(cold.TotalMicroseconds - warm) / computed / 1000,12:F2} {warm / tokens,14:F2}");
    }

    private static ByteGrammar Compile(string name, string text) =>
        Path.GetExtension(name) == ".gbnf" ? EbnfGrammar.Compile(text) : JsonGrammar.Compile(text);

    /// <summary>The same documents each time; the time is that of masks and of advancing, without the choices.</summary>
    private static (TimeSpan Elapsed, int Tokens) Draw(TokenMasks masks, int end, int vocabulary)
    {
        var (random, watch, tokens) = (new Random(7), new Stopwatch(), 0);
        for (var document = 0; document < Documents; document++)
        {
            watch.Start();
            var constrained = new ConstrainedDocument(masks);
            for (var token = 0; token < MostTokens; token++)
            {
                var allowed = constrained.Allowed;
                watch.Stop();
                var chosen = Choose(allowed.Span, random, vocabulary);
                tokens++;
                watch.Start();
                constrained.Advance(chosen);
                if (chosen == end)
                {
                    break;
                }
            }

            watch.Stop();
        }

        return (watch.Elapsed, tokens);
    }

    /// <summary>The first allowed token from a random one on; now and then the one of the smallest id, which is punctuation.</summary>
    private static int Choose(ReadOnlySpan<ulong> allowed, Random random, int vocabulary)
    {
        for (int i = 0, from = random.Next(4) == 0 ? 0 : random.Next(vocabulary); ; i++)
        {
            var token = (from + i) % vocabulary;
            if ((allowed[token >> 6] >> (token & 63) & 1) == 1)
            {
                return token;
            }
        }
    }
}
