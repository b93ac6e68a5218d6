namespace Rebound.Files.Messages;

/// <summary>Finds the known name that a mistyped one was meant to be.</summary>
public static class NearestName
{
    private const int MostNames = 5;

    /// <summary>Characters of a name that may have been mistyped: a longer one is no name.</summary>
    private const int Longest = 200;

    /// <summary>The known name the fewest edits away, or null if none is near enough to be meant.</summary>
    public static string? Find(string typed, IEnumerable<string> known) => FindAll(typed, known) is [var first, ..] ? first : null;

    /// <summary>
    /// The known names the fewest edits away, all that are equally near; where a slip explains none, those that have all of the
    /// typed name's words. None where these would be so many that they say nothing.
    /// </summary>
    public static IReadOnlyList<string> FindAll(string typed, IEnumerable<string> known)
    {
        if (typed.Length > Longest)
        {
            return [];
        }

        var allowed = EditsOfASlip(typed.Trim('-').Length);
        var names = known.Distinct(StringComparer.Ordinal).Select(name => (Name: name, Distance: Distance(typed, name)))
            .OrderBy(candidate => candidate.Distance).ToArray();
        var near = names.Where(candidate => candidate.Distance <= allowed && candidate.Distance == names[0].Distance).ToArray();
        var meant = near.Length > 0 ? near : [.. names.Where(candidate => HasItsWords(typed, candidate.Name))];
        return meant.Length <= MostNames ? [.. meant.Select(candidate => candidate.Name)] : [];
    }

    /// <summary>
    /// How many edits of a name are a slip of the fingers: with more it is another word, and of a short one two are too many.
    /// </summary>
    private static int EditsOfASlip(int letters) => letters switch
    {
        <= 2 => 0,
        <= 5 => 1,
        _ => Math.Max(2, letters / 4),
    };

    /// <summary>Whether every word of what was typed is a word of the name, or the beginning of one.</summary>
    private static bool HasItsWords(string typed, string name)
    {
        const int leastBeginning = 4;
        var words = name.Split('-', StringSplitOptions.RemoveEmptyEntries);
        return typed.Trim('-').Length >= 3
            && typed.Replace('_', '-').Split('-', StringSplitOptions.RemoveEmptyEntries).All(part => words.Any(word =>
                word.Equals(part, StringComparison.OrdinalIgnoreCase)
                || (part.Length >= leastBeginning && word.StartsWith(part, StringComparison.OrdinalIgnoreCase))));
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one into the other, case and _ ignored.</summary>
    private static int Distance(string typed, string name)
    {
        var a = typed.ToUpperInvariant().Replace('_', '-');
        var b = name.ToUpperInvariant();
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var replaced = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
