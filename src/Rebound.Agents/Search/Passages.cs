using System.Text.RegularExpressions;

namespace Rebound.Agents.Search;

/// <summary>Splits documents into passages of whole sentences, and formats search results as observations.</summary>
public static partial class Passages
{
    /// <summary>Words after which a passage ends at the next sentence.</summary>
    private const int Words = 100;

    /// <summary>The passages of a document: its paragraphs, long ones cut between sentences.</summary>
    public static IEnumerable<Passage> Of(string title, string text)
    {
        foreach (var paragraph in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var passage = new List<string>();
            var words = 0;
            foreach (var sentence in SentenceEnd().Split(paragraph))
            {
                passage.Add(sentence);
                words += sentence.Count(char.IsWhiteSpace) + 1;
                if (words > Words)
                {
                    yield return new Passage(title, string.Join(' ', passage));
                    passage.Clear();
                    words = 0;
                }
            }

            if (passage.Count > 0)
            {
                yield return new Passage(title, string.Join(' ', passage));
            }
        }
    }

    /// <summary>The observation of a search, in the reference's form: <c> #1: … #2: …</c>.</summary>
    public static string Observation(IEnumerable<Passage> found)
    {
        var text = string.Concat(found.Select((passage, i) => $" #{i + 1}: {passage.Text}"));
        return text.Length == 0 ? "No results found." : text;
    }

    /// <summary>The results of a search, from an observation in the reference's form, or in another one as it is.</summary>
    public static IEnumerable<Passage> Found(string observation) =>
        ResultNumber().Split(observation).Select(text => text.Trim()).Where(text => text.Length > 0).Select(text => new Passage("", text));

    [GeneratedRegex(@"(?:^|\s)#[0-9]+: ", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ResultNumber();

    [GeneratedRegex(@"(?<=[.!?][""')\]]?)\s+(?=[\p{Lu}\p{N}""'(\[])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex SentenceEnd();
}
