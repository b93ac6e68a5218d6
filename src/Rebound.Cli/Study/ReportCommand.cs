using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Study.Grids;
using Rebound.Study.Reading;
using Rebound.Study.Reporting;

namespace Rebound.Cli.Study;

/// <summary><c>rebound report</c>: a page of any runs, evaluations, rounds and collections.</summary>
internal static class ReportCommand
{
    private static readonly Argument<string[]> Folders = new("folder")
    {
        Description = "Folders of studies, trainings, evaluations and collections, or folders of these",
        HelpName = "DIR...",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Output = OptionOf.Text(
        "--output-dir", "DIR", $"The folder for report.html and its tables (default the study's own, and {Usual} for anything else)");

    private const string Usual = "rebound-report";

    public static CliCommand Create() => new("report", "Make a page of runs, evaluations, rounds and collections", context =>
        RunAsync(context).GetAwaiter().GetResult())
    {
        Arguments = { Folders },
        Details =
            "Every folder is looked through for what the other commands made. Models are told apart by their agent cards, runs of one kind "
                + "by their seeds; differences are taken on the same questions. The page stands alone, and its tables lie beside it as "
                + "CSV files.",
        Examples = ["rebound report OUT", "rebound report before after --output-dir compared"],
        MoreOptions = [Output],
    };

    private static async Task<int> RunAsync(CommandContext context)
    {
        var folders = context.Get(Folders)!;
        var checks = new OptionChecks(context);
        foreach (var missing in folders.Where(folder => !Directory.Exists(folder)))
        {
            checks.Add($"{missing} {(File.Exists(missing) ? "is a file; a folder is needed." : "does not exist.")}");
        }

        // Others have a report.html of their own.
        var output = context.Get(Output) ?? (folders is [var one] && GridFolder.Is(one) ? one : Usual);
        checks.WritableFolder(Output, output);
        checks.ThrowIfAny();
        var found = await FoundFolders.ReadAsync(folders, context.Interrupted);
        var report = new ComparisonReport(found.Runs) { About = found.About, MadeBy = "Made by rebound report." };
        report.Write(output);
        if (report.Views.Count > 0)
        {
            context.Terminal.Write(StudyResultView.Scores(report));
        }

        context.Terminal.Output.WriteLine($"The report: {Path.Combine(output, ComparisonReport.FileName)}");
        return ExitCode.Done;
    }
}
