using System.CommandLine;
using Rebound.Cli.Completion;
using Rebound.Cli.Paths;

namespace Rebound.Cli.Completion;

/// <summary>
/// <c>rebound __complete -- WORD...</c>, which the scripts of <see cref="CompletionCommand"/> ask: candidates for the last word, each
/// with its description after a tab, and at last a line that says which paths may stand there.
/// </summary>
internal static class CompleteCommand
{
    private static readonly Argument<string[]> Words = new("word") { Arity = ArgumentArity.ZeroOrMore };

    public static CliCommand Create() =>
        new("__complete", "Complete a command line, for a shell", Run) { Arguments = { Words }, Hidden = true };

    private static int Run(CommandContext context)
    {
        var completions = Completions.Of(context.Root, [.. (context.Get(Words) ?? []).Select(Unquoted)]);
        foreach (var candidate in completions.Candidates)
        {
            context.Terminal.Output.Write($"{candidate.Text}\t{candidate.Description}\n");
        }

        context.Terminal.Output.Write(completions.Paths switch
        {
            PathKind.File => ":files\n",
            PathKind.Folder => ":folders\n",
            _ => ":none\n",
        });
        return ExitCode.Done;
    }

    /// <summary>A word without the quotes that a shell hands over as they were typed.</summary>
    private static string Unquoted(string word) => word is ['"' or '\'', ..] ? word.Trim(word[0]) : word;
}
