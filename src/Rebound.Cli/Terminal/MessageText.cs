using System.Text.RegularExpressions;
using Rebound.Text;

namespace Rebound.Cli.Terminal;

/// <summary>Sentences for people that quote what they are about: a value, a row, a template, of whatever length.</summary>
internal static partial class MessageText
{
    private const int LongestQuote = 200;
    private const int LongestLine = 1500;

    /// <summary>The message with what it quotes at length, and lines that are still too long, cut in the middle.</summary>
    public static string Cut(string message) =>
        string.Join('\n', LongQuote().Replace(message, quote => $"'{Middle(quote.Groups[1].Value, LongestQuote)}'").Split('\n').Select(line => Middle(line, LongestLine)));

    /// <summary>Both ends of a text, and how much was between them.</summary>
    private static string Middle(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        var (first, last) = (TextExcerpt.First(text, longest * 2 / 3), TextExcerpt.Last(text, longest / 6));
        return $"{first} … ({text.Length - first.Length - last.Length:N0} characters more) … {last}";
    }

    [GeneratedRegex("'([^']{200,})'", RegexOptions.NonBacktracking)]
    private static partial Regex LongQuote();
}
