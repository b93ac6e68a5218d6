using System.CommandLine;
using System.CommandLine.Invocation;
using Rebound.Cli.Configuration;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;

namespace Rebound.Cli.Help;

/// <summary>
/// <c>--help</c>: of the program its commands by heading, of a command its usage, options with their defaults, and
/// examples that work as they stand.
/// </summary>
internal sealed class HelpScreen : SynchronousCommandLineAction
{
    private const int AcceptedNames = 8;

    private static readonly string[] Examples =
    [
        "rebound demo",
        "rebound train run.yml",
        "rebound chat model.gguf",
        "rebound generate model.gguf --message \"What is the capital of France?\"",
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, HelpPage.For(StandardStreams.Output), parseResult.GetValue(SharedOptions.Verbose));
        return ExitCode.Done;
    }

    public static void Write(Command command, TerminalWriter writer) => Write(command, HelpPage.For(writer), verbose: false);

    /// <param name="verbose">Whether to name every option that is merely accepted.</param>
    public static void Write(Command command, HelpPage page, bool verbose)
    {
        if (command is CliCommand named)
        {
            WriteCommand(named, page, verbose);
        }
        else
        {
            WriteProgram(command, page);
        }
    }

    private static void WriteProgram(Command root, HelpPage page)
    {
        page.Paragraph(root.Description!);
        page.Paragraph("Usage: rebound <command> [options]");
        var commands = root.Subcommands.OfType<CliCommand>().Where(command => !command.Hidden).ToArray();
        var options = root.Options.Select(option => Row(option, null)).ToArray();
        var width = commands.Select(command => command.Name).Concat(options.Select(option => option.Name)).Max(name => name.Length);
        foreach (var group in commands.GroupBy(command => command.Heading))
        {
            page.Table(group.Key, [.. group.Select(command => (command.Name, command.Description!))], width);
        }

        page.Table("Options", options, width);
        page.CommandLines("Examples", Examples);
        page.Paragraph("'rebound help <command>' shows what a command takes.");
    }

    private static void WriteCommand(CliCommand command, HelpPage page, bool verbose)
    {
        page.Paragraph($"{command.Description}.{(command.Details.Length > 0 ? " " : "")}{command.Details}");
        page.Paragraph("Usage: rebound ", Usage(command));
        if (command.Arguments.Count > 0)
        {
            page.Table("Arguments", [.. command.Arguments.Select(argument => ($"<{argument.Name}>", ArgumentText(command, argument)))]);
        }

        page.Table("Commands", [.. command.Subcommands.Select(under => (under.Name, under.Description!))]);
        WriteOptions(command, page);
        WriteAccepted(command, page, verbose);
        page.CommandLines(command.Examples.Count == 1 ? "Example" : "Examples", command.Examples);
        if (command.Subcommands.Count > 0)
        {
            page.Paragraph($"'rebound help {command.Path} <command>' shows what one of them takes.");
        }
    }

    private static string ArgumentText(CliCommand command, Argument argument)
    {
        var text = argument.Description ?? "";
        var takesModel = command.TakesModelFirst && command.Needs.Any(need => need.AnyOf.Contains(SharedOptions.Model));
        return takesModel && argument == SharedOptions.ModelArgument
            ? $"{text}; a name that ends with .yml is a file of options"
            : text;
    }

    private static void WriteOptions(CliCommand command, HelpPage page)
    {
        var grouped = command.Groups.SelectMany(group => group.Options).ToHashSet();
        Option[] general = [.. CommandTree.OptionsOf(command).Where(option => option.Recursive)];
        var own = command.Options.Where(option => !option.Hidden && !grouped.Contains(option)).ToArray();
        (string Heading, Option[] Options)[] tables = command.Groups.Count == 0
            ? [("Options", [.. own.Except(general), .. general])]
            : [.. command.Groups.Select(group => (group.Heading, group.Options.Where(option => !option.Hidden).ToArray())),
                ("General", [.. own.Except(general), .. general])];
        var rows = tables.Select(table => (table.Heading, Rows: table.Options.Select(option => Row(option, command)).ToArray())).ToArray();
        var width = rows.SelectMany(table => table.Rows).Max(row => row.Name.Length);
        foreach (var (heading, options) in rows)
        {
            page.Table(heading, options, width);
        }
    }

    private static void WriteAccepted(CliCommand command, HelpPage page, bool verbose)
    {
        var accepted = command.Options.Where(option => option.Hidden).Select(option => option.Name).ToArray();
        if (accepted.Length == 0)
        {
            return;
        }

        var (shown, more) = verbose || accepted.Length <= AcceptedNames
            ? (accepted, "")
            : (accepted[..AcceptedNames],
                $" and {accepted.Length - AcceptedNames} more, which 'rebound {command.Path} --help --verbose' lists");
        page.Paragraph($"Accepted too, with a line that says what is done instead: {string.Join(' ', shown)}{more}.");
    }

    private static string Usage(CliCommand command)
    {
        if (command.Subcommands.Count > 0)
        {
            return $"{command.Path} <command> [options]";
        }

        var required = command.Options.Where(option =>
            option.Required || command.Needs.Any(need => need is { AnyOf.Length: 1, Exception: "" } && need.AnyOf[0] == option))
            .Select(option => $"{option.Name} {ValueName(option)}");
        var arguments = command.Arguments.Select(argument =>
            (argument.Arity.MinimumNumberOfValues > 0 ? $"<{argument.Name}>" : $"[<{argument.Name}>]")
            + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : ""));
        string[] file = ConfiguredArguments.TakesFile(command) ? ["[FILE.yml]"] : [];
        return string.Join(' ', [command.Path, .. file, .. arguments, .. required, "[options]"]);
    }

    /// <param name="command">Null for the program's own options.</param>
    private static (string Name, string Description) Row(Option option, CliCommand? command)
    {
        var names = string.Join(", ", option.Aliases.Append(option.Name).OrderBy(name => name.Length));
        var value = ValueName(option);
        var note = option switch
        {
            { Required: true } => " (required)",
            _ when command?.Needs.FirstOrDefault(need => need.AnyOf.Contains(option)) is { } need => need.NoteFor(option),
            { HasDefaultValue: true } when value.Length > 0 && Default(option) is { Length: > 0 } set => $" (default {set})",
            _ => "",
        };
        return (value.Length > 0 ? $"{names} {value}" : names, $"{option.Description}{note}");
    }

    private static string Default(Option option) => option.GetDefaultValue() switch
    {
        string text => text,
        System.Collections.IEnumerable several => string.Join(' ', several.Cast<object>()),
        var value => $"{value}",
    };

    private static string ValueName(Option option) =>
        option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) || option.ValueType == typeof(void)
            ? ""
            : option.HelpName ?? "VALUE";
}
