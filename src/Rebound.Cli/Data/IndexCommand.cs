using System.CommandLine;
using Rebound.Agents.Search;
using Rebound.Cli.Paths;
using Rebound.Cli.Rows;
using Rebound.Cli.Terminal;
using Rebound.Files;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data index</c>: documents into one file that agents search.</summary>
internal static class IndexCommand
{
    private static readonly Argument<string> Source = new("corpus")
    {
        HelpName = "PATH",
        Description = "Documents: JSON rows with 'text' and perhaps 'title', or of trajectories, whose searches found passages; a .txt or "
            + ".md file; or a folder of these",
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
        Options = { Target, BadRowHandling.OfRows },
        Details = "Documents are cut into passages of whole sentences and ranked by BM25; 'rebound tool search' tries the index.",
        Examples = ["rebound data index corpus.jsonl --output corpus.db"],
    };

    private static int Run(CommandContext context)
    {
        PathChecks.RequireOutput(context.Require(Target), context.Label(Target));
        using var held = FolderLock.TakeName(context.Require(Target));
        var target = context.Require(Target);
        int count;
        using (var progress = context.Terminal.StartProgress("Indexing", total: null, "passages"))
        {
            count = SearchIndex.Build(target, Passages(context), passages => progress.Report(passages), context.Interrupted);
        }

        if (count == 0)
        {
            throw new InputException($"{context.Get(Source)} holds no text.");
        }

        context.Terminal.Note($"Wrote {CountText.Of(count, "passage")}: {target}");
        context.Terminal.Next("Search it", $"rebound tool search --index {ShellText.Quoted(target)} \"What is it about?\"");
        return ExitCode.Done;
    }

    private static IEnumerable<Passage> Passages(CommandContext context)
    {
        var bad = new BadRowHandling(context, BadRowHandling.Skips(context, BadRowHandling.OfRows));
        foreach (var passage in Corpus.ReadAsync(context.Get(Source)!, bad.Leave).ToBlockingEnumerable(context.Interrupted))
        {
            if (bad.Takes())
            {
                yield return passage;
            }
        }

        bad.End();
    }
}
