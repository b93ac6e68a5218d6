using System.CommandLine;

namespace Rebound.Cli;

/// <summary>The words <c>help</c> and <c>version</c>, which mean the options of these names: <c>rebound help data show</c>.</summary>
internal static class CommandWords
{
    private const string Help = "help";
    private const string Version = "version";

    /// <summary>The arguments with these words in the place of commands as options.</summary>
    public static string[] AsOptions(string[] arguments, Command root)
    {
        var command = root;
        for (var place = 0; place < arguments.Length; place++)
        {
            var word = arguments[place];
            if (command.Subcommands.FirstOrDefault(under => under.Name == word) is { } under)
            {
                command = under;
                continue;
            }

            var isLast = place == arguments.Length - 1;
            return word == Version && command == root && isLast ? ["--version"]
                : word == Help && (command.Subcommands.Count > 0 || (isLast && command.Arguments.Count == 0))
                    ? [.. arguments[..place], .. arguments[(place + 1)..].Where(more => more != Help), "--help"]
                    : arguments;
        }

        return arguments;
    }
}
