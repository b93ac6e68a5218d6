namespace Rebound.Cli.Terminal;

/// <summary>Breaks text into lines of a width.</summary>
internal static class LineFill
{
    /// <summary>The width of lines that are as long as they are.</summary>
    public const int Unlimited = int.MaxValue / 2;

    /// <summary>
    /// Text whose lines are broken between words where they are longer than the width; what follows stands under what the line says.
    /// </summary>
    public static string Filled(string text, int width) => string.Join('\n', text.Split('\n').SelectMany(line => Hanging(line, width)));

    private static IEnumerable<string> Hanging(string line, int width)
    {
        if (line.Length <= width)
        {
            return [line];
        }

        var indent = Indent(line);
        return Words(line[indent..], width - indent).Select((words, index) =>
            (index == 0 ? line[..indent] : new string(' ', indent)) + words);
    }

    /// <summary>Where what a line says begins: after its blanks, and after a label that wider blanks set off.</summary>
    private static int Indent(string line)
    {
        const int widestLabel = 24;
        var start = line.Length - line.TrimStart(' ').Length;
        var label = line.IndexOf(' ', start);
        var end = label < 0 ? -1 : label + (line.Length - label - line[label..].TrimStart(' ').Length);
        return end > label + 1 && end <= widestLabel ? end : Math.Min(start, widestLabel);
    }

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

    /// <summary>
    /// As many of the parts as fit into a line of a width, the important ones first, in their order; the
    /// most important is cut rather than left out.
    /// </summary>
    /// <param name="parts">Each with its rank: lower ones stay longer. Empty ones are left out.</param>
    public static string Fit(IEnumerable<(string Text, int Rank)> parts, int width, string separator = ", ")
    {
        var given = parts.Where(part => part.Text.Length > 0).ToArray();
        var byRank = Enumerable.Range(0, given.Length).OrderBy(index => given[index].Rank).ToArray();
        if (byRank.Length > 0 && given[byRank[0]].Text.Length > width)
        {
            return given[byRank[0]].Text[..width];
        }

        var left = width + separator.Length;
        var kept = new HashSet<int>();
        foreach (var index in byRank.Where(index => given[index].Text.Length + separator.Length <= left))
        {
            left -= given[index].Text.Length + separator.Length;
            kept.Add(index);
        }

        return string.Join(separator, given.Where((_, index) => kept.Contains(index)).Select(part => part.Text));
    }
}
