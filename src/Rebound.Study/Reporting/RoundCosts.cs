using System.Text;
using Rebound.Files.Messages;
using Rebound.Study.Improvement;

namespace Rebound.Study.Reporting;

/// <summary>The part of an improvement's report that says what its rounds took.</summary>
internal static class RoundCosts
{
    public static string Of(ImprovementResults results)
    {
        var html = new StringBuilder(
            "<h2>What it took</h2><div class=\"scroll\"><table><tr><th>round</th><th>trying</th><th>training</th><th>evaluating</th>"
                + "<th>tokens read and written in tries</th><th>in training</th><th>in the evaluation</th></tr>");
        foreach (var round in results.Rounds)
        {
            var seconds = round.Seconds;
            html.Append($"<tr><td>{(round.Round == 0 ? "start" : round.Round)}</td>");
            html.AppendJoin("", new[] { seconds.Collect, seconds.Train, seconds.Evaluate }.Select(time => $"<td>{Time(time)}</td>"));
            html.Append($"<td>{Tokens(round.Collected?.InputTokens + round.Collected?.OutputTokens)}</td>");
            html.Append($"<td>{Tokens(round.Trained?.Tokens)}</td>");
            html.Append($"<td>{Tokens(round.HeldOut.InputTokens + round.HeldOut.OutputTokens)}</td></tr>");
        }

        return html.Append("</table></div>").ToString();
    }

    private static string Time(double seconds) => seconds == 0 ? "" : DurationText.Of(TimeSpan.FromSeconds(seconds));

    private static string Tokens(long? tokens) => tokens is { } count ? HtmlText.Count(count) : "";
}
