using System.CommandLine;
using Rebound.Cli.Configuration;
using Rebound.Cli.Terminal;

namespace Rebound.Cli;

/// <summary>The context of a running command: its options, the terminal, and cancellation by Ctrl-C.</summary>
internal sealed class CommandContext(ParseResult parse, OptionOrigins origins, CommandTerminal terminal, Interruption interruption)
{
    public CommandTerminal Terminal { get; } = terminal;

    /// <summary>The program with all its commands.</summary>
    public Command Root => parse.RootCommandResult.Command;

    public Interruption Interruption { get; } = interruption;

    /// <summary>Cancelled by Ctrl-C and by the request to terminate; long work asks it often.</summary>
    public CancellationToken Interrupted => Interruption.Token;

    /// <summary>The option's value, or its default.</summary>
    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    /// <summary>The value of an option that is required or has a default.</summary>
    public T Require<T>(Option<T> option) => parse.GetRequiredValue(option);

    public T? Get<T>(Argument<T> argument) => parse.GetValue(argument);

    /// <summary>Every option of the command that has a value, with where it was set.</summary>
    public IReadOnlyList<ResolvedOption> Resolved() => ResolvedOptions.Of(parse, origins);

    /// <summary>The option's name for a message, with where it was set if that is not the command line.</summary>
    public string Label(Option option) => origins.Of(option) is { } place ? $"{option.Name} ({place})" : option.Name;

    /// <summary>Whether the option was given, as opposed to left at its default.</summary>
    public bool IsGiven(Option option) => parse.GetResult(option) is { Implicit: false };
}
