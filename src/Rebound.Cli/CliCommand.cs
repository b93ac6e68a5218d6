using System.CommandLine;
using System.CommandLine.Parsing;
using Rebound.Cli.Help;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;

namespace Rebound.Cli;

/// <summary>A command of <c>rebound</c>: what it takes, what help says of it, and what runs.</summary>
internal sealed class CliCommand : Command
{
    /// <param name="name">One word, as typed.</param>
    /// <param name="summary">One line for the list of commands, without a full stop.</param>
    /// <param name="run">Runs it and returns the exit code; exceptions end at <see cref="ErrorBoundary"/>.</param>
    public CliCommand(string name, string summary, Func<CommandContext, int> run)
        : base(name, summary)
    {
        Run = run;

        // The parser asks for an action before it accepts a command without a subcommand; CommandLine calls Run itself.
        SetAction(_ => ExitCode.Done);
    }

    public Func<CommandContext, int> Run { get; }

    /// <summary>A command that only has others under it, such as <c>data</c>: alone it shows which.</summary>
    public static CliCommand GroupOf(string name, string summary, params Func<CliCommand>[] commands)
    {
        CliCommand? group = null;
        group = new CliCommand(name, summary, _ =>
        {
            HelpScreen.Write(group!, StandardStreams.Error);
            return ExitCode.WrongInput;
        });
        foreach (var create in commands)
        {
            group.Subcommands.Add(create());
        }

        return group;
    }

    /// <summary>Options that stand in tables of their own; help shows them after those of the initializer before it.</summary>
    public IEnumerable<Option> MoreOptions
    {
        init
        {
            foreach (var option in value)
            {
                Options.Add(option);
            }
        }
    }

    /// <summary>The options under headings, where there are many; help shows them so, and no heading for hidden ones.</summary>
    public IReadOnlyList<OptionGroup> Groups
    {
        get;
        init
        {
            field = value;
            MoreOptions = value.SelectMany(group => group.Options);
        }
    } = [];

    /// <summary>Options that the command needs, beside those that are required anyway; all missing ones are reported at once.</summary>
    public IReadOnlyList<Need> Needs { get; set; } = [];

    /// <summary>A sentence for each required option that was not given.</summary>
    public IEnumerable<string> Missing(CommandResult result)
    {
        IEnumerable<Symbol> required = [.. Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0),
            .. Options.Where(option => option.Required)];
        return required.Where(symbol => !Need.IsGiven(result, symbol)).Select(Need.Missing)
            .Concat(Needs.Where(need => !need.IsMet(result)).Select(need => need.Sentence));
    }

    /// <summary>Whether its first argument is the model, as <c>--model</c> names it too.</summary>
    public bool TakesModelFirst
    {
        get => Arguments.Contains(SharedOptions.ModelArgument);
        init
        {
            if (value)
            {
                Arguments.Add(SharedOptions.ModelArgument);
            }
        }
    }

    /// <summary>Whether launchers start it on several ranks, of which one alone says what is wrong with it.</summary>
    public bool RunsOnRanks { get; init; }

    /// <summary>As typed after <c>rebound</c>, for example <c>data convert</c>.</summary>
    public string Path => Parents.OfType<CliCommand>().FirstOrDefault() is { } parent ? $"{parent.Path} {Name}" : Name;

    /// <summary>The heading it stands under in the list of commands.</summary>
    public string Heading { get; set; } = "";

    /// <summary>Details for the command's own help, beyond the one-line summary.</summary>
    public string Details { get; init; } = "";

    /// <summary>Command lines that work as they stand, printed by the command's own help.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];
}
