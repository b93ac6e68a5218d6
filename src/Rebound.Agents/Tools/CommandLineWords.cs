using System.Text;

namespace Rebound.Agents.Tools;

/// <summary>Splits a command line into words as a shell does: at blanks, but not within quotes.</summary>
public static class CommandLineWords
{
    /// <param name="line">
    /// <c>"…"</c> and <c>'…'</c> keep blanks. A backslash keeps the character after it, but not between single quotes, and on Windows,
    /// where paths are written with it, only before a double quote.
    /// </param>
    /// <exception cref="FormatException">A quote is not closed.</exception>
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var (word, quote, isWord) = (new StringBuilder(), '\0', false);
        for (var i = 0; i < line.Length; i++)
        {
            var character = line[i];
            if (character == '\\' && quote != '\'' && i + 1 < line.Length && (!OperatingSystem.IsWindows() || line[i + 1] == '"'))
            {
                (_, isWord) = (word.Append(line[++i]), true);
            }
            else if (quote == '\0' && char.IsWhiteSpace(character))
            {
                End();
            }
            else if (quote == '\0' && character is '"' or '\'' || character == quote)
            {
                (quote, isWord) = (quote == '\0' ? character : '\0', true);
            }
            else
            {
                (_, isWord) = (word.Append(character), true);
            }
        }

        End();
        return quote == '\0' ? words : throw new FormatException($"the quote {quote} is not closed.");

        void End()
        {
            if (isWord)
            {
                words.Add(word.ToString());
            }

            word.Clear();
            isWord = false;
        }
    }
}
