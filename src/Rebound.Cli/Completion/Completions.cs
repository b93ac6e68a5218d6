using System.CommandLine;
using Rebound.Cli.Configuration;
using Rebound.Cli.Paths;

namespace Rebound.Cli.Completion;

/// <summary>A completion of the word that is being typed.</summary>
/// <param name="Text">The whole word.</param>
/// <param name="Description">A description in a line; may be empty.</param>
internal sealed record Candidate(string Text, string Description);

/// <summary>Completions of the last word of a command line: commands, options and values; paths are left to the shell.</summary>
/// <param name="Paths">Which paths may stand there besides.</param>
internal sealed record Completions(IReadOnlyList<Candidate> Candidates, PathKind Paths)
{
    private static readonly Completions Nothing = new([], PathKind.None);

    /// <param name="words">The words after the program's name, up to the cursor; the last is being typed, and may be empty.</param>
    public static Completions Of(Command root, IReadOnlyList<string> words)
    {
        var (command, given) = (root, new HashSet<Option>());
        Option? open = null;
        var (isLiteral, values, arguments) = (false, 0, 0);
        foreach (var word in words.Take(words.Count - 1))
        {
            if (isLiteral)
            {
                arguments++;
            }
            else if (word == "--")
            {
                isLiteral = true;
            }
            else if (word.StartsWith('-') && word.Length > 1)
            {
                open = Note(command, word, given);
                values = 0;
            }
            else if (open is not null && (values++ == 0 || open.AllowMultipleArgumentsPerToken))
            {
                open = open.AllowMultipleArgumentsPerToken ? open : null;
            }
            else if (command.Subcommands.FirstOrDefault(under => under.Name == word) is { } under)
            {
                (command, open) = (under, null);
            }
            else if (!(command == root && word == "help"))
            {
                (open, arguments) = (null, arguments + 1);
            }
        }

        var current = words.Count == 0 ? "" : words[^1];
        if (!isLiteral && current.StartsWith('-'))
        {
            return current.Split('=', 2) is [var name, var beginning]
                ? Find(command, name) is { } option ? ValuesOf(option, beginning, $"{name}=") : Nothing
                : new Completions(Names(command, given, current), PathKind.None);
        }

        return open is not null ? ValuesOf(open, current, "") : Places(command, given, current, arguments);
    }

    /// <summary>Notes that an option is given; it, where its value is to follow.</summary>
    private static Option? Note(Command command, string word, HashSet<Option> given)
    {
        if (Find(command, word.Split('=')[0]) is not { } option)
        {
            return null;
        }

        given.Add(option);
        return TakesValue(option) && !word.Contains('=') ? option : null;
    }

    /// <summary>Completions where no option waits for its value.</summary>
    private static Completions Places(Command command, HashSet<Option> given, string current, int arguments)
    {
        if (command.Subcommands.Count > 0)
        {
            var commands = command.Subcommands.Where(under =>
                !under.Hidden).Select(under => new Candidate(under.Name, under.Description ?? ""))
                .Append(new Candidate("help", "Show what a command takes"));
            return new Completions(Beginning(commands, current), PathKind.None);
        }

        if (arguments < command.Arguments.Sum(argument => argument.Arity.MaximumNumberOfValues))
        {
            var argument = command.Arguments[Math.Min(arguments, command.Arguments.Count - 1)];
            var words = argument.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty)
                .Select(item => new Candidate(item.Label, ""));
            return new Completions(Beginning(words, current), PathKinds.Of(argument));
        }

        return ConfiguredArguments.TakesFile(command) && arguments == 0 && given.Count == 0 && current.Length > 0
            ? new Completions([], PathKind.File)
            : current.Length == 0 ? new Completions(Names(command, given, "--"), PathKind.None) : Nothing;
    }

    private static Completions ValuesOf(Option option, string beginning, string before)
    {
        var words = option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label)
            .Concat(
                (option.HelpName ?? "").Split('|').Where(part =>
                    part.Length > 1 && part.All(c => char.IsAsciiLetterLower(c) || c is '-' or '_' || char.IsAsciiDigit(c))))
            .Distinct(StringComparer.Ordinal).Select(word => new Candidate(word, ""));
        return new Completions(
            [.. Beginning(words, beginning).Select(word => word with { Text = before + word.Text })], PathKinds.Of(option));
    }

    /// <summary>Long names of the options that are not given yet, and all names where a lone dash asks for them.</summary>
    private static List<Candidate> Names(Command command, HashSet<Option> given, string beginning) => Beginning(
        CommandTree.OptionsOf(command)
            .Where(option => !option.Hidden && (!given.Contains(option) || option.Arity.MaximumNumberOfValues > 1))
            .SelectMany(option => option.Aliases.Prepend(option.Name).Select(name => new Candidate(name, option.Description ?? ""))),
        beginning);

    private static List<Candidate> Beginning(IEnumerable<Candidate> candidates, string beginning) =>
        [.. candidates.Where(candidate => candidate.Text.StartsWith(beginning, StringComparison.Ordinal))
            .OrderBy(candidate => candidate.Text, StringComparer.Ordinal)];

    private static Option? Find(Command command, string name) =>
        CommandTree.OptionsOf(command).FirstOrDefault(option =>
            option.Aliases.Prepend(option.Name).Contains(name.StartsWith("--", StringComparison.Ordinal) ? name.Replace('_', '-') : name));

    private static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);
}
