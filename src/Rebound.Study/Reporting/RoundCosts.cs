using Rebound.Files.Messages;
using Rebound.Study.Improvement;

namespace Rebound.Study.Reporting;

/// <summary>The part of an improvement's report that says what its rounds took.</summary>
internal static class RoundCosts
{
    public static string Of(ImprovementResults results)
    {
        var table = new HtmlTable(
            "round", "trying", "training", "evaluating", "tokens read and written in tries", "in training", "in the evaluation");
        foreach (var round in results.Rounds)
        {
            table.Add(
                RoundSections.NameOf(round), Time(round.Seconds.Collect), Time(round.Seconds.Train), Time(round.Seconds.Evaluate),
                Tokens(round.Collected?.InputTokens + round.Collected?.OutputTokens), Tokens(round.Trained?.Tokens),
                Tokens(round.HeldOut.InputTokens + round.HeldOut.OutputTokens));
        }

        return $"<h2>What it took</h2>{table.ToHtml()}";
    }

    private static string Time(double seconds) => seconds == 0 ? "" : DurationText.Of(TimeSpan.FromSeconds(seconds));

    private static string Tokens(long? tokens) => tokens is { } count ? HtmlText.Count(count) : "";
}
