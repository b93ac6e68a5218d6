using System.CommandLine;
using Rebound.Agents.Search;
using Rebound.Trajectories;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data index</c>: documents into one file that agents search.</summary>
internal static class IndexCommand
{
    private static readonly Argument<string> Source = new("corpus")
    {
        Description = "Documents: JSON rows with 'text' and perhaps 'title', a .txt or .md file, or a folder of these",
    };

    private static readonly Option<string> Target = new("--output")
    {
        Description = "The index to write",
        HelpName = "FILE",
        Required = true,
    };

    public static CliCommand Create() => new("index", "Make a search index of documents", Run)
    {
        Arguments = { Source },
        Options = { Target },
        Details = "Documents are cut into passages of whole sentences and ranked by BM25; 'rebound tool search' tries the index.",
        Examples = ["rebound data index corpus.jsonl --output corpus.db"],
    };

    private static int Run(CommandContext context)
    {
        PathChecks.RequireOutput(context.Require(Target), context.Label(Target));
        using var held = FolderLock.TakeName(context.Require(Target));
        using var progress = context.Terminal.StartProgress("Indexing", total: null, "passages");
        var count = SearchIndex.Build(
            context.Require(Target),
            Corpus.ReadAsync(context.Get(Source)!).ToBlockingEnumerable(context.Interrupted),
            passages => progress.Report(passages),
            context.Interrupted);
        return count > 0 ? ExitCode.Done : throw new InputException($"{context.Get(Source)} holds no text.");
    }
}
