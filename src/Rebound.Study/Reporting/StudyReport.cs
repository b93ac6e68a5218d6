using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Study.Comparison;

namespace Rebound.Study.Reporting;

/// <summary>Writes a comparison as one self-contained HTML file: figures, tables and example trajectories.</summary>
public sealed class StudyReport
{
    private readonly StudyResults _results;
    private readonly ReportExamples _examples;
    private readonly string _machine;

    private StudyReport(StudyResults results, ReportExamples examples, string machine) =>
        (_results, _examples, _machine) = (results, examples, machine);

    /// <summary>Writes the report of a comparison into its folder.</summary>
    /// <param name="machine">A description of the machine.</param>
    public static async Task WriteAsync(
        MethodStudy study, StudyFolder folder, StudyResults results, string machine, CancellationToken cancellation)
    {
        var examples = await ReportExamples.FindAsync(study, folder, results, cancellation);
        WholeFile.WriteText(folder.ReportPath, new StudyReport(results, examples, machine).ToHtml());
    }

    private string ToHtml() => HtmlPage.Of(
        "Learning from failures: a comparison",
        [
            ResultSections.Headline(_results),
            TrajectorySections.Masks(_examples),
            TrajectorySections.Exam(_examples),
            ResultSections.Methods(_results),
            ResultSections.Failures(_results),
            ResultSections.Conditions(_results),
            ResultSections.Kinds(_results),
            ResultSections.Training(_results),
            TrajectorySections.Teacher(_results),
            TrajectorySections.Method(_results),
        ],
        $"{DurationText.Of(TimeSpan.FromSeconds(_results.Seconds))} on {HtmlText.Escape(_machine)}. Made by <code>rebound demo</code>; "
            + "the figures are in results.json beside this file.");
}
