using System.CommandLine;

namespace Rebound.Cli;

/// <summary>Ways through the commands of the program.</summary>
internal static class CommandTree
{
    /// <summary>The program that a command is of.</summary>
    public static Command RootOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent
        ? RootOf(parent)
        : command;

    /// <summary>Every command under one, groups before what they hold.</summary>
    public static IEnumerable<CliCommand> Under(Command command) =>
        command.Subcommands.OfType<CliCommand>().SelectMany(under => Under(under).Prepend(under));

    /// <summary>A command's own options and the general ones.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) =>
        command.Options.Concat(Above(command).SelectMany(parent => parent.Options).Where(option => option.Recursive));

    private static IEnumerable<Command> Above(Command command) =>
        command.Parents.OfType<Command>().SelectMany(parent => Above(parent).Prepend(parent));
}
