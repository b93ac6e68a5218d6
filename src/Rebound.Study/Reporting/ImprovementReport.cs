using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Study.Improvement;

namespace Rebound.Study.Reporting;

/// <summary>Writes the rounds of an improvement as one self-contained HTML file.</summary>
public static class ImprovementReport
{
    /// <summary>How the rounds so far did, as parts of a page, in HTML.</summary>
    /// <param name="results">With at least the evaluation of the model to begin with.</param>
    public static IReadOnlyList<string> Sections(ImprovementResults results) =>
        [RoundSections.Accuracy(results), RoundSections.Rounds(results), RoundCauses.Of(results), RoundCosts.Of(results)];

    /// <summary>Writes the report into the improvement's folder.</summary>
    public static async Task WriteAsync(
        AgentImprovement improvement, ImprovementOptions options, ImprovementResults results, CancellationToken cancellation)
    {
        var examples = await LearnedExample.FindAsync(improvement, results, cancellation);
        WholeFile.WriteText(improvement.ReportPath, HtmlPage.Of(
            "An agent that improves",
            [
                RoundSections.Headline(options, results),
                RoundSections.Accuracy(results),
                RoundSections.Rounds(results),
                RoundCauses.Of(results),
                LearnedExample.ToHtml(examples, results),
                RoundCosts.Of(results),
                RoundSections.Settings(options, results),
            ],
            $"{DurationText.Of(TimeSpan.FromSeconds(results.Seconds))} of work. Made by <code>rebound improve</code>; the figures are in "
                + "improve.json and rounds.csv beside this file, and each round's trajectories, model and evaluation in its folder."));
    }
}
