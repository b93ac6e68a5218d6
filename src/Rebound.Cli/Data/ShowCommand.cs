using Rebound.Cli.Options;
using Rebound.Text;
using Rebound.Training.Documents;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data show</c>: trajectories to read, as they are or as a model reads and learns them.</summary>
internal static class ShowCommand
{
    public static CliCommand Create()
    {
        var options = new ShowOptions();
        return new CliCommand("show", "Show trajectories, or what a model reads and learns of them", context => Run(context, options))
        {
            Arguments = { options.Input.Files },
            Needs = [options.Input.Need],
            Details = "With --model the trajectory is rendered as 'rebound train' with the same options renders it: what is in the loss is "
                + "coloured, and without colours stands in ⟦ ⟧.",
            Examples =
            [
                "rebound data show negative.json --row 3",
                "rebound data show all.jsonl --outcome negative --count 2 --model DIR",
            ],
            Groups = options.Groups,
        };
    }

    private static int Run(CommandContext context, ShowOptions options)
    {
        var opened = options.Input.Open(context);
        if (context.Get(options.Documents.Model) is null)
        {
            var given = options.Documents.Asking.FirstOrDefault(context.IsGiven);
            if (given is not null)
            {
                throw new InputException($"{given.Name} says how a model is asked; give --model too.");
            }
        }

        var rows = options.Choose(opened, context);
        var view = new ShowView(context.Terminal.Output);
        if (context.Get(options.Documents.Model) is null)
        {
            foreach (var row in rows)
            {
                view.Header(row);
                view.Turns(row.Trajectory);
            }
        }
        else
        {
            Render(context, options, opened, rows, view);
        }

        return ExitCode.Done;
    }

    private static void Render(
        CommandContext context, ShowOptions options, OpenedInput opened, IReadOnlyList<TrajectoryRow> rows, ShowView view)
    {
        var checks = new OptionChecks(context);
        var chosen = rows.Select(row => (row.File, row.Trajectory.Row)).ToHashSet();
        var files = new DatasetOptions
        {
            ScoredPaths = [.. rows.Select(row => row.File).Distinct()],
            Format = opened.Format,
            Only = (file, trajectory) => chosen.Contains((file, trajectory.Row)),
            SkipBadRows = opened.SkipsBadRows,
            KeepUnsupervised = true,
        };
        var settings = DocumentSettings.Read(options.Documents, files, context, checks);
        checks.ThrowIfAny();
        var text = TextSource.Open(settings.Model, context.Terminal.Warn);
        var documents = settings.Load(text, options.Documents, context.Interrupted).Dataset.Documents.ToLookup(document =>
            (document.File, document.Row));
        foreach (var row in rows)
        {
            view.Header(row);
            Show(view, [.. documents[(row.File, row.Trajectory.Row)]], text.Tokenizer);
        }
    }

    private static void Show(ShowView view, IReadOnlyList<TokenizedDocument> documents, Tokenizer tokenizer)
    {
        foreach (var document in documents)
        {
            view.Document(document, tokenizer);
        }

        if (documents.Count == 0)
        {
            view.Nothing();
        }
    }
}
