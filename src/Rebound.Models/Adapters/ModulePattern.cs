using System.Globalization;
using System.Text.RegularExpressions;

namespace Rebound.Models.Adapters;

/// <summary>Regular expressions over the names of layers, as PEFT's configurations hold them: Python's.</summary>
internal static class ModulePattern
{
    /// <summary>A pattern comes from a file: one that takes exponential time is to fail, not to hang.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Whether a pattern matches a name as a whole.</summary>
    /// <exception cref="ArgumentException">It is not a regular expression, or takes too long.</exception>
    public static bool MatchesWhole(string pattern, string name) => Match(@"\A(?:", pattern, @")\z", name).Success;

    /// <summary>Whether a pattern matches a name, or its end after a dot.</summary>
    /// <exception cref="ArgumentException">It is not a regular expression, or takes too long.</exception>
    public static bool MatchesEnd(string pattern, string name) => Match(@"\A(?:.*\.)?(?:", pattern, @")\z", name).Success;

    /// <summary>The number of the layer that a name lies in, after a list whose name a pattern matches; null when there is none.</summary>
    /// <exception cref="ArgumentException">It is not a regular expression, or takes too long.</exception>
    public static int? LayerAfter(string pattern, string name)
    {
        var match = Match(@"\A.*\.(?:", pattern, @")\.(?<layer>\d+)\.", name);
        return match.Success ? int.Parse(match.Groups["layer"].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    private static Match Match(string before, string pattern, string after, string name)
    {
        try
        {
            return Regex.Match(name, before + PythonPattern.ToDotNet(pattern) + after, RegexOptions.CultureInvariant, Timeout);
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new ArgumentException($"The pattern '{pattern}' takes too long to match '{name}'.", exception);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"'{pattern}' is not a regular expression: {exception.Message}", exception);
        }
    }
}
