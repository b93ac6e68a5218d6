namespace Rebound.Cli.Terminal;

/// <summary>Breaks text into lines of a width.</summary>
internal static class LineFill
{
    /// <summary>Words to lines of at most the width, or of one word that is longer.</summary>
    public static IEnumerable<string> Words(string text, int width) => Of(text.Split(' '), width, " ");

    /// <summary>Joins parts again to lines of at most the width, or of one part that is longer.</summary>
    public static IEnumerable<string> Of(string[] parts, int width, string separator)
    {
        var line = parts[0];
        foreach (var part in parts.Skip(1))
        {
            if (line.Length + separator.Length + part.Length > width)
            {
                yield return line;
                line = part;
            }
            else
            {
                line += separator + part;
            }
        }

        yield return line;
    }
}
