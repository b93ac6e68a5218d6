using System.CommandLine;
using System.CommandLine.Parsing;
using Rebound.Cli.Hub;

namespace Rebound.Cli.Paths;

/// <summary>
/// <c>~</c> at the beginning of a path: shells expand it in a word of its own alone, and neither after <c>=</c> nor in quotes, in
/// files of options and in variables. The name of a model that was pulled from the hub stands for its place there.
/// </summary>
internal static class HomePaths
{
    /// <summary>Makes every option and argument that takes paths understand them.</summary>
    public static void Understand(Command command)
    {
        foreach (var option in command.Options.Where(option => PathKinds.Of(option) != PathKind.None))
        {
            switch (option)
            {
                case Option<string?> one:
                    one.CustomParser = result => One(result, option.Name);
                    break;
                case Option<string[]> several:
                    several.CustomParser = result => Several(result, option.Name);
                    break;
            }
        }

        foreach (var argument in command.Arguments.Where(argument => PathKinds.Of(argument) != PathKind.None))
        {
            switch (argument)
            {
                case Argument<string?> one:
                    one.CustomParser = result => One(result, argument.Name);
                    break;
                case Argument<string[]> several:
                    several.CustomParser = result => Several(result, argument.Name);
                    break;
            }
        }

        foreach (var under in command.Subcommands)
        {
            Understand(under);
        }
    }

    /// <summary>A path with the user's folder in the place of <c>~</c>.</summary>
    public static string Expanded(string path) =>
        path is "~" || path.StartsWith("~/", StringComparison.Ordinal)
            || path.StartsWith($"~{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
            : path;

    private static string? One(ArgumentResult result, string name) =>
        result.Tokens is [.., var last] ? HubEnvironment.Resolved(Expanded(last.Value), name, result) : null;

    private static string[] Several(ArgumentResult result, string name) =>
        [.. result.Tokens.Select(token => HubEnvironment.Resolved(Expanded(token.Value), name, result))];
}
