using System.CommandLine;

namespace Rebound.Cli.Options;

/// <summary>
/// Options are dashed (<c>--pos-path</c>) and are understood with underscores too (<c>--pos_path</c>), as the NAT
/// reference's scripts spell them, and with one dash (<c>-model</c>), as programs of other families do.
/// </summary>
internal static class OptionSpelling
{
    private const string Literal = "--";

    /// <summary>The arguments with every option's name dashed; values are left alone, and all that follows two dashes.</summary>
    /// <param name="root">The program, whose options are known.</param>
    public static string[] Dashed(string[] arguments, Command root)
    {
        var known = CommandTree.Under(root).SelectMany(CommandTree.OptionsOf).SelectMany(option => option.Aliases.Prepend(option.Name))
            .ToHashSet(StringComparer.Ordinal);
        var end = Array.IndexOf(arguments, Literal) is >= 0 and var literal ? literal : arguments.Length;
        return [.. arguments[..end].Select(argument => Dashed(argument, known)), .. arguments[end..]];
    }

    private static string Dashed(string argument, HashSet<string> known)
    {
        var end = argument.IndexOf('=', StringComparison.Ordinal);
        var name = end < 0 ? argument : argument[..end];
        if (!name.StartsWith('-') || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            return argument;
        }

        var dashed = name.Replace('_', '-');
        var isWord = name.StartsWith(Literal, StringComparison.Ordinal);
        return isWord
            ? dashed + argument[name.Length..]
            : name.Length > 2 && known.Contains($"-{dashed}") ? $"-{dashed}{argument[name.Length..]}"
            : argument;
    }
}
