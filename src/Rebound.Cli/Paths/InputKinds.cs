using System.CommandLine;
using System.CommandLine.Parsing;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;

namespace Rebound.Cli.Paths;

/// <summary>
/// Looks at every path that a command is to read before it runs: a device has no end, a pipe can be read once, and one with a name
/// waits for whoever writes into it.
/// </summary>
internal static class InputKinds
{
    /// <summary>Options whose files are read here and there, or several times.</summary>
    private static readonly string[] NeedFiles = ["--model", "--adapter", "--tokenizer", "--index", "--reference", "model"];

    /// <exception cref="InputException">A path leads to what cannot be read as it has to be.</exception>
    public static void Check(ParseResult parse, CommandTerminal terminal)
    {
        var problems = new List<string>();
        foreach (var (name, path) in Paths(parse))
        {
            if (Problem(name, path, terminal) is { } problem)
            {
                problems.Add(problem);
            }
        }

        if (problems.Count > 0)
        {
            throw new InputException(string.Join('\n', problems));
        }
    }

    /// <summary>Looks at a file of options, which is read before all others.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static void CheckConfiguration(string path, CommandTerminal terminal)
    {
        if (Problem(SharedOptions.Config.Name, path, terminal) is { } problem)
        {
            throw new InputException(problem);
        }
    }

    private static string? Problem(string name, string path, CommandTerminal terminal)
    {
        switch (SpecialFiles.At(path))
        {
            case SpecialFile.Device:
                return $"{name} {path} is a device; give the name of a file.";
            case SpecialFile.OpenPipe or SpecialFile.NamedPipe when NeedFiles.Contains(name):
                return $"{name} {path} is a pipe, and a file is needed: it is not read from its beginning to its end.";
            case SpecialFile.NamedPipe:
                terminal.Note($"{path} is a pipe: waiting for what is written into it.");
                return null;
            default:
                return null;
        }
    }

    private static IEnumerable<(string Name, string Path)> Paths(ParseResult parse)
    {
        foreach (var result in parse.CommandResult.Children)
        {
            var (name, tokens, isPath) = result switch
            {
                OptionResult option => (option.Option.Name, option.Tokens, IsInput(option.Option)),
                ArgumentResult argument =>
                    (argument.Argument.Name, argument.Tokens, argument.Argument.Name is "file" or "corpus" or "model"),
                _ => ("", [], false),
            };
            foreach (var token in isPath ? tokens : [])
            {
                yield return (name, token.Value);
            }
        }
    }

    private static bool IsInput(Option option) =>
        option.HelpName is { } help
        && (help.Contains("FILE", StringComparison.Ordinal) || help.Contains("PATH", StringComparison.Ordinal)
            || help.Contains("DIR", StringComparison.Ordinal))
        && !option.Name.Contains("output", StringComparison.Ordinal) && option.Name != "--dropped" && option != SharedOptions.Config;
}
