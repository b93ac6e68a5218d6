using System.Globalization;

namespace Rebound.Cli.Ranks;

/// <summary>The lists of Slurm's variables: hosts as <c>node[5-9,12],login</c>, and numbers of tasks as <c>4(x2),3</c>.</summary>
internal static class SlurmLists
{
    /// <summary>The first host of a list.</summary>
    /// <exception cref="InputException">It is no such list.</exception>
    public static string FirstHost(string list) => Hosts(list).First();

    /// <summary>The hosts of a list, in its order. Numbers keep their zeros.</summary>
    /// <exception cref="InputException">It is no such list.</exception>
    public static IEnumerable<string> Hosts(string list)
    {
        foreach (var item in Items(list, list))
        {
            if (item.Length == 0)
            {
                throw Unreadable(list);
            }

            foreach (var host in Expand(item, list))
            {
                yield return host;
            }
        }
    }

    /// <summary>The number of tasks on one host.</summary>
    /// <param name="node">The host, from 0.</param>
    /// <returns>Null where the list is too short for it, or no such list.</returns>
    public static int? TasksOn(string list, int node)
    {
        foreach (var item in list.Split(','))
        {
            var (text, times) = (item.Trim(), 1);
            if (text.IndexOf("(x", StringComparison.Ordinal) is > 0 and var mark && text.EndsWith(')'))
            {
                if (!int.TryParse(text[(mark + 2)..^1], NumberStyles.None, null, out times))
                {
                    return null;
                }

                text = text[..mark];
            }

            if (!int.TryParse(text, NumberStyles.None, null, out var tasks))
            {
                return null;
            }

            if (node < times)
            {
                return tasks;
            }

            node -= times;
        }

        return null;
    }

    /// <summary>An item with its brackets written out, the first of several slowest.</summary>
    private static IEnumerable<string> Expand(string item, string list)
    {
        var open = item.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
        {
            return item.Contains(']', StringComparison.Ordinal) ? throw Unreadable(list) : [item];
        }

        var close = item.IndexOf(']', open);
        if (close < 0)
        {
            throw Unreadable(list);
        }

        var (before, after) = (item[..open], item[(close + 1)..]);
        return item[(open + 1)..close].Split(',').SelectMany(range => Numbers(range, list))
            .SelectMany(number => Expand(after, list).Select(rest => before + number + rest));
    }

    private static IEnumerable<string> Numbers(string range, string list)
    {
        var ends = range.Split('-');
        if (ends.Length > 2 || !Array.TrueForAll(ends, end => int.TryParse(end, NumberStyles.None, null, out _)))
        {
            throw Unreadable(list);
        }

        var (first, last, digits) = (int.Parse(ends[0]), int.Parse(ends[^1]), ends[0].Length);
        return last < first
            ? throw Unreadable(list)
            : Enumerable.Range(first, last - first + 1).Select(number => number.ToString($"D{digits}"));
    }

    /// <summary>The parts between commas that are in no brackets.</summary>
    private static List<string> Items(string text, string list)
    {
        var (items, start, depth) = (new List<string>(), 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '[' => 1, ']' => -1, _ => 0 };
            if (depth is < 0 or > 1)
            {
                throw Unreadable(list);
            }

            if (text[i] == ',' && depth == 0)
            {
                items.Add(text[start..i].Trim());
                start = i + 1;
            }
        }

        items.Add(text[start..].Trim());
        return items;
    }

    private static InputException Unreadable(string list) =>
        new($"Slurm's list of hosts '{list}' cannot be read; give the first host with --master-addr.");
}
