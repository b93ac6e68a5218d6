using System.Text;
using System.Text.RegularExpressions;
using Rebound.Agents.Scoring;
using Rebound.Files.Messages;

namespace Rebound.Agents.Solutions;

/// <summary>
/// A worked solution with calculator annotations, as GSM8K's are (Cobbe et al. 2021, arXiv 2110.14168): in its text
/// <c>48/2 = &lt;&lt;48/2=24&gt;&gt;24 clips</c> every annotation stands before the value that it gives, and
/// <c>#### 72</c> ends it.
/// </summary>
/// <param name="Steps">The text before each annotation, with the calculation.</param>
/// <param name="Conclusion">The text after the last annotation; empty where there is none.</param>
/// <param name="Answer">As it is scored.</param>
public sealed partial record AnnotatedSolution(IReadOnlyList<SolutionStep> Steps, string Conclusion, string Answer)
{
    private const string FinalMark = "#### ";
    private const string Opening = "<<";
    private const string Closing = ">>";

    /// <exception cref="FormatException">The text is no such solution; the message says what is wrong.</exception>
    public static AnnotatedSolution Parse(string solution)
    {
        var end = solution.IndexOf(FinalMark, StringComparison.Ordinal);
        var answer = MathScorer.Extract(solution);
        if (end < 0 || answer == solution)
        {
            throw new FormatException($"no line '{FinalMark}' with a number ends it.");
        }

        var steps = new List<SolutionStep>();
        var (text, currency, at) = (OneLine(solution[..end]), "", 0);
        for (var open = Find(text, at); open >= 0; open = Find(text, at))
        {
            var close = text.IndexOf(Closing, open, StringComparison.Ordinal);
            var inside = close < 0 ? text[open..] : text[(open + Opening.Length)..close];
            var sign = inside.LastIndexOf('=');
            if (close < 0 || sign < 0 || inside[..sign].Trim().Length == 0)
            {
                throw new FormatException(
                    $"the annotation '{TextExcerpt.Beginning(inside, 60)}' is not of the form {Opening}expression=value{Closing}.");
            }

            var before = BeforeValue().Match(text, at, open - at);
            steps.Add(
                new SolutionStep((currency + before.Groups["text"].Value).Trim(), inside[..sign].Trim(), inside[(sign + 1)..].Trim()));
            (currency, at) = (before.Groups["currency"].Value, close + Closing.Length);
        }

        return new AnnotatedSolution(steps, (currency + text[at..]).Trim(), answer);
    }

    private static int Find(string text, int from) => text.IndexOf(Opening, from, StringComparison.Ordinal);

    /// <summary>Lines as sentences of one line, since an agent's thought has one.</summary>
    private static string OneLine(string text)
    {
        var joined = new StringBuilder();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            joined.Append(joined.Length == 0 ? "" : " ").Append(Blanks().Replace(line, " "));
            joined.Append(char.IsLetterOrDigit(line[^1]) || line[^1] is ')' or '%' or '"' or '\'' ? "." : "");
        }

        return joined.ToString();
    }

    /// <summary>The text before an annotation, without the equals sign; a currency sign belongs to the value that follows.</summary>
    [GeneratedRegex(@"\G(?<text>.*?)[ ]*=?[ ]*(?<currency>\p{Sc}?)[ ]*\z", RegexOptions.CultureInvariant | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex BeforeValue();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blanks();
}

/// <summary>A calculation of a solution.</summary>
/// <param name="Thought">The text that leads to it; may be empty.</param>
/// <param name="Value">The result, according to the solution.</param>
public sealed record SolutionStep(string Thought, string Expression, string Value);
