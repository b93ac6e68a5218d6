using System.Collections;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Rebound.Cli.Chat;
using Rebound.Cli.Collect;
using Rebound.Cli.Completion;
using Rebound.Cli.Configuration;
using Rebound.Cli.Data;
using Rebound.Cli.Demo;
using Rebound.Cli.Evaluate;
using Rebound.Cli.Generate;
using Rebound.Cli.Help;
using Rebound.Cli.Hub;
using Rebound.Cli.Improve;
using Rebound.Cli.Machine;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Cli.Ranks;
using Rebound.Cli.Record;
using Rebound.Cli.Serve;
using Rebound.Cli.Study;
using Rebound.Cli.Terminal;
using Rebound.Cli.Text;
using Rebound.Cli.Tools;
using Rebound.Cli.Train;

namespace Rebound.Cli;

/// <summary>The whole command line: which commands there are, and the way from arguments to an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Every command under its heading of <c>rebound --help</c>. A new command is one more entry here.</summary>
    private static readonly (string Heading, Func<CliCommand>[] Commands)[] Groups =
    [
        ("Learning", [DemoCommand.Create, TrainCommand.Create, ImproveCommand.Create, StudyCommand.Create, ReportCommand.Create]),
        ("Data", [DataCommand.Create, RecordCommand.Create]),
        ("Agents", [ChatCommand.Create, CollectCommand.Create, EvaluateCommand.Create, ToolCommand.Create]),
        (
            "Models",
            [PullCommand.Create, PushCommand.Create, ListCommand.Create, ShowModelCommand.Create, GenerateCommand.Create,
                ServeCommand.Create, VerifyCommand.Create, MergeCommand.Create, ExportCommand.Create, InitCommand.Create]),
        ("Text", [TokenizeCommand.Create, TemplateCommand.Create]),
        ("Machine", [DoctorCommand.Create, RanksCommand.Create, CompletionCommand.Create, CompleteCommand.Create]),
    ];

    private static readonly ParserConfiguration Parsing = new()
    {
        // "@text" is text here (a prompt may start so), not the name of a file with more arguments.
        ResponseFileTokenReplacer = null,
    };

    public static int Run(string[] arguments)
    {
        var root = CreateRoot();
        if (SuggestDirective.Answer(root, arguments) is { } candidates)
        {
            StandardStreams.Output.Write(candidates);
            return ExitCode.Done;
        }

        var typed = CommandWords.AsOptions(OptionSpelling.Dashed(arguments, root), root);
        var parse = Parse(root, typed);
        if (arguments is [['[', .., ']'] directive, ..])
        {
            return Refuse(Terminal(parse), UsageErrors.NoCommand(directive, root));
        }

        if (parse.Action is SynchronousCommandLineAction screen and (HelpScreen or VersionLine))
        {
            return UsageErrors.UnknownCommand(parse) is { Length: > 0 } unknown ? Refuse(Terminal(parse), unknown) : screen.Invoke(parse);
        }

        OptionOrigins origins;
        try
        {
            var configured = ConfiguredArguments.Of(
                typed, given => Parse(root, given), Variables(), path => InputKinds.CheckConfiguration(path, Terminal(parse)));
            parse = Parse(root, configured.Arguments);
            origins = configured.Origins;
        }
        catch (InputException e)
        {
            return Refuse(parse, e.Message);
        }

        if (arguments.Length == 0)
        {
            HelpScreen.Write(root, StandardStreams.Error);
            return ExitCode.WrongInput;
        }

        var terminal = Terminal(parse);
        if (UsageErrors.Of(parse, origins) is { Count: > 0 } problems)
        {
            return Refuse(parse, [.. problems]);
        }

        var command = (CliCommand)parse.CommandResult.Command;
        return ErrorBoundary.Run(terminal, interruption =>
        {
            InputKinds.Check(parse, terminal);
            return command.Run(new CommandContext(parse, origins, terminal, interruption));
        });
    }

    /// <summary>The program with all its commands.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("Rebound fine-tunes language-model agents on their successes and their failures.");
        root.Options.Clear();
        root.Directives.Clear();
        root.Options.Add(new HelpOption("--help", "-h") { Description = "Show this help", Action = new HelpScreen() });
        root.Options.Add(new VersionOption { Description = "Show the version", Action = new VersionLine() });
        root.Options.Add(SharedOptions.Quiet);
        root.Options.Add(SharedOptions.Verbose);
        root.Options.Add(SharedOptions.Config);
        foreach (var (heading, commands) in Groups)
        {
            foreach (var create in commands)
            {
                var command = create();
                command.Heading = heading;
                root.Subcommands.Add(command);
            }
        }

        HomePaths.Understand(root);
        return root;
    }

    public static ParseResult Parse(RootCommand root, string[] arguments) => root.Parse(arguments, Parsing);

    /// <summary>Says what is wrong with a command line; of one that several ranks were given, once.</summary>
    private static int Refuse(ParseResult parse, params string[] problems) =>
        parse.CommandResult.Command is CliCommand { RunsOnRanks: true }
            ? RankRefusal.Tell(Terminal(parse), string.Join('\n', problems))
            : Refuse(Terminal(parse), problems);

    private static int Refuse(CommandTerminal terminal, params string[] problems)
    {
        foreach (var problem in problems)
        {
            terminal.Error(problem);
        }

        return ExitCode.WrongInput;
    }

    private static CommandTerminal Terminal(ParseResult parse) =>
        new(quiet: parse.GetValue(SharedOptions.Quiet), verbose: parse.GetValue(SharedOptions.Verbose));

    /// <summary>The environment's variables that are meant for this program.</summary>
    private static Dictionary<string, string> Variables() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(entry => (Name: (string)entry.Key, Value: entry.Value as string ?? ""))
        .Where(entry => entry.Name.StartsWith(ConfiguredArguments.VariablePrefix, StringComparison.Ordinal))
        .ToDictionary(entry => entry.Name, entry => entry.Value);
}
