namespace Rebound.Text;

/// <summary>Finds the known name that a mistyped one was meant to be.</summary>
public static class NearestName
{
    /// <summary>The known name the fewest edits away, or null if none is near enough to be meant.</summary>
    public static string? Find(string typed, IEnumerable<string> known)
    {
        var allowed = Math.Max(2, typed.Trim('-').Length / 3);
        return known
            .Select(name => (Name: name, Distance: Distance(typed, name)))
            .Where(candidate => candidate.Distance <= allowed || HasItsWords(typed, candidate.Name))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    private static bool HasItsWords(string typed, string name) =>
        typed.Trim('-').Length >= 3
        && typed.Split('-', StringSplitOptions.RemoveEmptyEntries).All(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

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
