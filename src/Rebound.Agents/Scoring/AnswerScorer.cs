using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Agents.Scoring;

/// <summary>
/// The reference's scoring of short answers: exact match and token F1 after lower-casing and leaving out punctuation,
/// articles and surplus blanks (Rajpurkar et al. 2016, arXiv 1606.05250, section 6.1); yes, no and noanswer have no partial
/// F1, as HotpotQA has it.
/// </summary>
public sealed partial class AnswerScorer : IScorer
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    private static readonly string[] Closed = ["yes", "no", "noanswer"];

    public IReadOnlyCollection<string> Metrics => ["em", "f1"];

    public Score Score(JsonNode? groundTruth, string prediction)
    {
        var (answer, guess) = (Normalize(GroundTruthText.Of(groundTruth)), Normalize(prediction));
        var correct = answer == guess;
        var f1 = F1(Normalize(answer), Normalize(guess));
        return new Score(correct, f1, new JsonObject
        {
            ["reward"] = correct,
            ["em"] = correct,
            ["f1"] = f1,
            ["gt"] = answer,
            ["pred"] = guess,
        });
    }

    /// <summary>A text as it is compared.</summary>
    public static string Normalize(string text)
    {
        var lower = CaseMapping.Lower(text);
        var bare = string.Concat(lower.Where(unit => !Punctuation.Contains(unit)));
        return string.Join(' ', Words(Articles().Replace(bare, article => IsPartOfWord(bare, article) ? article.Value : " ")));
    }

    /// <summary>Whether a letter or digit that takes two units, which the expression does not know for one, stands beside it.</summary>
    private static bool IsPartOfWord(string text, Match article) =>
        (Rune.DecodeLastFromUtf16(text.AsSpan(0, article.Index), out var before, out _) == OperationStatus.Done && IsOfWords(before))
        || (Rune.DecodeFromUtf16(text.AsSpan(article.Index + article.Length), out var after, out _) == OperationStatus.Done
            && IsOfWords(after));

    private static bool IsOfWords(Rune character) => Rune.IsLetter(character) || Rune.IsNumber(character);

    private static double F1(string answer, string guess)
    {
        if (answer != guess && (Closed.Contains(answer) || Closed.Contains(guess)))
        {
            return 0;
        }

        var (right, said) = (Words(answer), Words(guess));
        var counts = right.CountBy(word => word).ToDictionary();
        var same = said.CountBy(word => word).Sum(word => Math.Min(word.Value, counts.GetValueOrDefault(word.Key)));
        if (same == 0)
        {
            return 0;
        }

        var (precision, recall) = ((double)same / said.Count, (double)same / right.Count);
        return 2 * precision * recall / (precision + recall);
    }

    /// <summary>Splits at white space, as Python counts it.</summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && !PythonString.IsSpace(text[end]))
            {
                end++;
            }

            if (end > start)
            {
                words.Add(text[start..end]);
            }

            start = end + 1;
        }

        return words;
    }

    // A word ends where Python's \b has it: digits of every kind belong to words, combining marks do not.
    [GeneratedRegex(@"(?<![\p{L}\p{N}_])(a|an|the)(?![\p{L}\p{N}_])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Articles();
}
