using System.Text.RegularExpressions;

namespace Rebound.Agents.Tools;

/// <summary>Converts tool names to the forms that callers accept.</summary>
public static partial class ToolNames
{
    /// <summary>
    /// Characters of a name, as OpenAI's protocol has it; the characters are letters and digits of ASCII, <c>_</c> and <c>-</c>.
    /// </summary>
    public const int LongestSafe = 64;

    /// <summary>Whether endpoints accept a name unchanged.</summary>
    public static bool IsSafe(string name) => Safe().IsMatch(name);

    /// <summary>A name that no other tool has: the given one, or else with the first number behind it that makes it so.</summary>
    /// <param name="isTaken">Whether another tool has a name.</param>
    /// <param name="longest">Characters of a name; the number takes the place of the last ones.</param>
    public static string Unique(string name, Func<string, bool> isTaken, int longest = int.MaxValue)
    {
        var unique = name.Length > longest ? name[..longest] : name;
        for (var number = 2; isTaken(unique); number++)
        {
            var suffix = $"_{number}";
            unique = name[..Math.Min(name.Length, longest - suffix.Length)] + suffix;
        }

        return unique;
    }

    /// <summary>
    /// The names that endpoints and chat templates are told: those that they take as they are, and aliases that tell the others apart.
    /// </summary>
    internal static Dictionary<string, string> SafeNames(IReadOnlyCollection<string> names)
    {
        var safe = names.Where(IsSafe).ToDictionary(name => name, StringComparer.Ordinal);
        var taken = safe.Keys.Append(ToolSet.Finish).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names.Where(name => !IsSafe(name)))
        {
            safe[name] = Unique(Unsafe().Replace(name, "_"), taken.Contains, LongestSafe);
            taken.Add(safe[name]);
        }

        return safe;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}\\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Safe();

    [GeneratedRegex("[^A-Za-z0-9_-]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Unsafe();
}
