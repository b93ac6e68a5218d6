using System.CommandLine;
using Rebound.Cli.Configuration;
using Rebound.Cli.Help;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests;

/// <summary>A command line as far as it is read, in this process: what is wrong with it, and what a command would be given.</summary>
internal static class ParsedLine
{
    /// <summary>One for all tests: commands share options, which note where they belong.</summary>
    public static RootCommand Root { get; } = CommandLine.CreateRoot();

    public static ParseResult Parse(params string[] arguments) => Read(arguments, new Dictionary<string, string>()).Parse;

    /// <summary>Everything that is wrong, a sentence each.</summary>
    public static IReadOnlyList<string> Problems(params string[] arguments)
    {
        var (parse, origins) = Read(arguments, new Dictionary<string, string>());
        return UsageErrors.Of(parse, origins);
    }

    public static (ParseResult Parse, OptionOrigins Origins) Read(string[] arguments, IReadOnlyDictionary<string, string> variables)
    {
        var typed = CommandWords.AsOptions(OptionSpelling.Dashed(arguments, Root), Root);
        var configured = ConfiguredArguments.Of(typed, given => CommandLine.Parse(Root, given), variables);
        return (CommandLine.Parse(Root, configured.Arguments), configured.Origins);
    }

    /// <summary>A command's help at a width.</summary>
    public static string Help(Command command, int width)
    {
        using var text = new StringWriter();
        using var writer = new TerminalWriter(text, isTerminal: false, name: null) { NewLine = "\n" };
        HelpScreen.Write(command, new HelpPage(writer, width, styled: false), verbose: false);
        return text.ToString();
    }

    public static string Help(string path, int width = 80) => Help(CommandTree.Under(Root).Single(command => command.Path == path), width);
}
