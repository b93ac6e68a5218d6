using System.CommandLine;
using System.CommandLine.Invocation;
using Rebound.Cli.Configuration;
using Rebound.Cli.Terminal;

namespace Rebound.Cli.Help;

/// <summary>
/// <c>--help</c>: of the program its commands by heading, of a command its usage, options with their defaults, and
/// examples that work as they stand.
/// </summary>
internal sealed class HelpScreen : SynchronousCommandLineAction
{
    private static readonly string[] Examples =
    [
        "rebound generate --model model.gguf --message \"What is the capital of France?\"",
        "rebound chat --model model.gguf",
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, StandardStreams.Output);
        return ExitCode.Done;
    }

    public static void Write(Command command, TerminalWriter writer)
    {
        var page = new HelpPage(writer);
        if (command is CliCommand named)
        {
            WriteCommand(named, page);
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
        var options = root.Options.Select(option => Row(root, option)).ToArray();
        var width = root.Subcommands.Select(command => command.Name).Concat(options.Select(option => option.Name)).Max(name => name.Length);
        foreach (var group in root.Subcommands.OfType<CliCommand>().GroupBy(command => command.Heading))
        {
            page.Table(group.Key, [.. group.Select(command => (command.Name, command.Description!))], width);
        }

        page.Table("Options", options, width);
        page.CommandLines("Examples", Examples);
        page.Paragraph("'rebound <command> --help' shows what a command takes.");
    }

    private static void WriteCommand(CliCommand command, HelpPage page)
    {
        page.Paragraph($"{command.Description}.{(command.Details.Length > 0 ? " " : "")}{command.Details}");
        page.Paragraph($"Usage: {Usage(command)}");
        if (command.Arguments.Count > 0)
        {
            page.Table("Arguments", [.. command.Arguments.Select(argument => ($"<{argument.Name}>", argument.Description ?? ""))]);
        }

        page.Table("Commands", [.. command.Subcommands.Select(under => (under.Name, under.Description!))]);
        var general = Above(command).SelectMany(parent => parent.Options).Where(option => option.Recursive);
        page.Table("Options", [.. command.Options.Concat(general).Where(option => !option.Hidden).Select(option => Row(command, option))]);
        var accepted = command.Options.Where(option => option.Hidden).Select(option => option.Name).ToArray();
        if (accepted.Length > 0)
        {
            page.Paragraph($"Accepted too, with a line that says what is done instead: {string.Join(' ', accepted)}.");
        }

        page.CommandLines(command.Examples.Count == 1 ? "Example" : "Examples", command.Examples);
    }

    private static IEnumerable<Command> Above(Command command) =>
        command.Parents.OfType<Command>().SelectMany(parent => Above(parent).Prepend(parent));

    private static string Usage(CliCommand command)
    {
        if (command.Subcommands.Count > 0)
        {
            return $"rebound {command.Path} <command> [options]";
        }

        var required = command.Options.Where(option => SharedOptions.IsRequired(command, option)).Select(option => $"{option.Name} {ValueName(option)}");
        var arguments = command.Arguments.Select(argument =>
            (argument.Arity.MinimumNumberOfValues > 0 ? $"<{argument.Name}>" : $"[<{argument.Name}>]")
            + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : ""));
        string[] file = ConfiguredArguments.TakesFile(command) ? ["[FILE.yml]"] : [];
        return string.Join(' ', ["rebound", command.Path, .. file, .. arguments, .. required, "[options]"]);
    }

    private static (string Name, string Description) Row(Command command, Option option)
    {
        var names = string.Join(", ", option.Aliases.Append(option.Name).OrderBy(name => name.Length));
        var value = ValueName(option);
        var note = option switch
        {
            _ when SharedOptions.IsRequired(command, option) => " (required)",
            { HasDefaultValue: true } when value.Length > 0 && Default(option) is { Length: > 0 } set => $" (default {set})",
            _ => "",
        };
        return (value.Length > 0 ? $"{names} {value}" : names, $"{option.Description}{note}");
    }

    private static string Default(Option option) => option.GetDefaultValue() switch
    {
        string[] several => string.Join(' ', several),
        var value => $"{value}",
    };

    private static string ValueName(Option option) =>
        option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) || option.ValueType == typeof(void)
            ? ""
            : option.HelpName ?? "VALUE";
}
