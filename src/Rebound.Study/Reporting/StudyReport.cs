using System.Text;
using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Study.Comparison;
using Rebound.Trajectories.Selection;

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

    private string ToHtml()
    {
        var html = new StringBuilder();
        html.Append(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
                + "initial-scale=1\">");
        html.Append("<title>Learning from failures: a comparison</title><style>").Append(Style()).Append("</style></head><body><main>\n");
        html.Append(ResultSections.Headline(_results)).Append('\n');
        html.Append(TrajectorySections.Masks(_examples)).Append('\n');
        html.Append(TrajectorySections.Exam(_examples)).Append('\n');
        html.Append(ResultSections.Methods(_results)).Append('\n');
        html.Append(ResultSections.Failures(_results)).Append('\n');
        html.Append(ResultSections.Conditions(_results)).Append('\n');
        html.Append(ResultSections.Kinds(_results)).Append('\n');
        html.Append(ResultSections.Training(_results)).Append('\n');
        html.Append(TrajectorySections.Teacher(_results)).Append('\n');
        html.Append(TrajectorySections.Method(_results)).Append('\n');
        html.Append(
            $"<footer>{DurationText.Of(TimeSpan.FromSeconds(_results.Seconds))} on {HtmlText.Escape(_machine)}. Made by <code>rebound "
                + $"demo</code>; the figures are in results.json beside this file.</footer>");
        return html.Append("</main></body></html>\n").ToString();
    }

    internal static string NameOf(TrainingMethod method) => method == TrainingMethod.Vanilla
        ? "vanilla"
        : method.ToString().ToUpperInvariant();

    internal static string StyleOf(TrainingMethod method) => method.Name();

    private static string Style()
    {
        using var reader = new StreamReader(typeof(StudyReport).Assembly.GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd();
    }
}
