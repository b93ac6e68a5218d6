using System.Text;
using Rebound.Files.Messages;

namespace Rebound.Cli.Terminal;

/// <summary>Sentences for people that quote what they are about: a value, a row, a template, of whatever length.</summary>
internal static class MessageText
{
    private const int LongestQuote = 200;
    private const int LongestLine = 1500;

    /// <summary>The message with what it quotes at length, and lines that are still too long, cut in the middle.</summary>
    public static string Cut(string message) =>
        string.Join('\n', WithShortQuotes(message).Split('\n').Select(line => Middle(line, LongestLine)));

    /// <summary>Cuts what stands between two quotation marks: in one walk, as a message may be as long as a file.</summary>
    private static string WithShortQuotes(string message)
    {
        var (text, written) = (new StringBuilder(), 0);
        for (var open = message.IndexOf('\''); open >= 0 && message.IndexOf('\'', open + 1) is var close and >= 0;)
        {
            if (close - open <= LongestQuote)
            {
                // The mark may open another quotation.
                open = close;
                continue;
            }

            text.Append(message, written, open + 1 - written).Append(Middle(message[(open + 1)..close], LongestQuote));
            written = close;
            open = message.IndexOf('\'', close + 1);
        }

        return text.Append(message, written, message.Length - written).ToString();
    }

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
}
