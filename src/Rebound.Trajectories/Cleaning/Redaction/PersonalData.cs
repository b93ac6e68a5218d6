using System.Text.RegularExpressions;

namespace Rebound.Trajectories.Cleaning.Redaction;

/// <summary>A kind of personal data or secrets, and how it is found in a text.</summary>
public sealed class PersonalData
{
    /// <summary>The part of a match that is replaced; without such a group it is the whole.</summary>
    private const string Value = "value";

    private readonly Regex[] _patterns;
    private readonly Func<string, bool> _holds;

    /// <param name="holds">Whether a value that a pattern found is one, for example by its check digit.</param>
    /// <param name="patterns">
    /// Regular expressions without what needs to look back, so that a text takes time by its length and no more. A match counts where
    /// neither it nor what stands around it goes on with a letter or digit.
    /// </param>
    internal PersonalData(string name, Func<string, bool> holds, params string[] patterns)
    {
        Name = name;
        _holds = holds;
        _patterns = [.. patterns.Select(pattern => new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant))];
    }

    /// <summary>As counts and options name it, for example <c>email</c>.</summary>
    public string Name { get; }

    /// <summary>A kind of the user's own.</summary>
    /// <param name="name">Lower-case letters, digits and hyphens.</param>
    /// <param name="pattern">A regular expression; a group named <c>value</c> is the part to replace.</param>
    /// <exception cref="FormatException">The name has another form, or the expression is none, or needs to look around.</exception>
    public static PersonalData OfPattern(string name, string pattern)
    {
        if (!IsName(name))
        {
            throw new FormatException(
                $"the name '{name}' must have lower-case letters, digits and hyphens alone, and begin with a letter.");
        }

        try
        {
            return new PersonalData(name, _ => true, pattern);
        }
        catch (RegexParseException e)
        {
            throw new FormatException($"the pattern '{pattern}' is no regular expression: {e.Error} at character {e.Offset + 1}.", e);
        }
        catch (NotSupportedException e)
        {
            throw new FormatException(
                $"the pattern '{pattern}' looks around or back, which may take time without end; name the part to replace (?<value>...).",
                e);
        }
    }

    /// <summary>Where it stands in a text, in order.</summary>
    internal IEnumerable<Range> Find(string text)
    {
        foreach (var pattern in _patterns)
        {
            for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
            {
                var group = match.Groups[Value];
                var (start, length) = group.Success ? (group.Index, group.Length) : (match.Index, match.Length);
                if (length > 0 && Escaped(text, start) is var skipped && length > skipped
                    && IsWhole(text, start + skipped, start + length) && _holds(text.Substring(start + skipped, length - skipped)))
                {
                    yield return (start + skipped)..(start + length);
                }
            }
        }
    }

    /// <summary>
    /// Letters at a place that belong to an escape before them: in JSON within a text a value behind a line's end stands as <c>\nvalue</c>.
    /// </summary>
    private static int Escaped(string text, int start) => start < text.Length && IsEscape(text, start) ? 1 : 0;

    private static bool IsEscape(string text, int letter) => letter > 0 && text[letter - 1] == '\\' && text[letter] is 'n' or 'r' or 't';

    /// <summary>Whether neither end lies within a word.</summary>
    private static bool IsWhole(string text, int start, int end) =>
        (start == 0 || !char.IsLetterOrDigit(text[start - 1]) || IsEscape(text, start - 1))
        && (end == text.Length || !char.IsLetterOrDigit(text[end]) || !char.IsLetterOrDigit(text[end - 1]));

    private static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
