using System.Text;
using System.Text.RegularExpressions;

namespace Rebound.Fuzz.Mutation;

/// <summary>
/// Spoils a text of some grammar by its tokens: they are dropped, doubled, exchanged, nested, and joined by others of the grammar.
/// </summary>
/// <param name="words">Tokens of the grammar.</param>
/// <param name="brackets">What nests in it: what opens, and what closes.</param>
internal sealed partial class TextMutator(string[] words, (string Open, string Close)[] brackets) : IMutator
{
    private static readonly string[] Oddities =
        ["\0", "\u001b]0;x\u0007", "\u202e", "\ufeff", "\ud800", "😀", "é", "\u2028", "\r\n", "\t", "99999999999999999999", "1e999", "\\",
            "'", "\"", "%", "{", "}"];

    public byte[] Mutate(byte[] seed, IReadOnlyList<byte[]> seeds, FuzzRandom random)
    {
        if (random.OneIn(12))
        {
            return ByteMutator.Instance.Mutate(seed, seeds, random);
        }

        var tokens = Tokens(seed);
        for (var left = random.Between(1, random.OneIn(4) ? 10 : 3); left > 0; left--)
        {
            Once(tokens, Tokens(random.Pick(seeds)), random);
        }

        return Encoding.UTF8.GetBytes(Limited(tokens));
    }

    private void Once(List<string> tokens, List<string> others, FuzzRandom random)
    {
        var at = random.Below(tokens.Count);
        var length = Math.Min(random.Length(64), tokens.Count - at);
        switch (random.Below(12))
        {
            case 0:
                tokens.RemoveRange(at, length);
                break;
            case 1:
                tokens.InsertRange(at, tokens.GetRange(at, length));
                break;
            case 2 when tokens.Count > 0:
                tokens[at] = random.Pick(words);
                break;
            case 3 or 4:
                tokens.Insert(at, random.Pick(words));
                break;
            case 5:
                tokens.InsertRange(at, Enumerable.Range(0, random.Between(2, 8)).Select(_ => random.Pick(words)));
                break;
            case 6:
                tokens.Insert(at, random.Pick(Oddities));
                break;
            case 7 when tokens.Count > 0:
                var other = random.Below(tokens.Count);
                (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                break;
            case 8 when others.Count > 0:
                var from = random.Below(others.Count);
                tokens.InsertRange(at, others.GetRange(from, Math.Min(random.Length(64), others.Count - from)));
                break;
            case 9 when random.OneIn(3):
                Nest(tokens, at, length, random);
                break;
            case 10 when tokens.Count > 0 && tokens[at].Length > 0 && random.OneIn(3):
                tokens[at] = string.Concat(
                    Enumerable.Repeat(tokens[at], random.Length(Math.Min(20_000, 1 + (FuzzReader.MostBytes / tokens[at].Length)))));
                break;
            default:
                tokens.Insert(at, $"{random.Between(-3, 300)}");
                break;
        }
    }

    private void Nest(List<string> tokens, int at, int length, FuzzRandom random)
    {
        var (open, close) = random.Pick(brackets);
        var depth = random.OneIn(3) ? random.Between(1_000, 30_000) : random.Between(2, 300);
        tokens.Insert(at + length, random.OneIn(6) ? "" : string.Concat(Enumerable.Repeat(close, depth)));
        tokens.Insert(at, string.Concat(Enumerable.Repeat(open, depth)));
    }

    private static List<string> Tokens(byte[] text) => [.. Token().Matches(Encoding.UTF8.GetString(text)).Select(token => token.Value)];

    private static string Limited(List<string> tokens)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
        {
            if (text.Length + token.Length > FuzzReader.MostBytes)
            {
                break;
            }

            text.Append(token);
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\w+|\s+|.", RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Token();
}
