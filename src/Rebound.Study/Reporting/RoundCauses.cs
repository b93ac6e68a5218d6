using Rebound.Study.Improvement;

namespace Rebound.Study.Reporting;

/// <summary>The part of an improvement's report that says why episodes failed, round by round.</summary>
internal static class RoundCauses
{
    public static string Of(ImprovementResults results)
    {
        var tried = results.Rounds.Where(round => round.Collected is not null).ToArray();
        return "<h2>Why episodes failed</h2>"
            + Table("held-out questions, %", results.Rounds, round => round.HeldOut.Causes, round => round.HeldOut.Right.Count)
            + Table("tries, %", tried, round => round.Collected!.Causes, round => round.Collected!.Tries);
    }

    private static string Table(
        string what, IReadOnlyList<RoundRecord> rounds, Func<RoundRecord, IReadOnlyDictionary<string, int>> causes,
        Func<RoundRecord, int> episodes)
    {
        var names = rounds.SelectMany(round => causes(round)).GroupBy(cause => cause.Key, cause => cause.Value)
            .OrderByDescending(cause => cause.Sum()).ThenBy(cause => cause.Key, StringComparer.Ordinal)
            .Select(cause => cause.Key).ToArray();
        if (names.Length == 0)
        {
            return "";
        }

        var table = new HtmlTable([what, .. rounds.Select(round => round.Round == 0 ? "start" : $"round {round.Round}")]);
        foreach (var name in names)
        {
            table.Add(
            [
                HtmlText.Escape(name),
                .. rounds.Select(round =>
                    HtmlText.Percent((double)causes(round).GetValueOrDefault(name) / Math.Max(1, episodes(round)))),
            ]);
        }

        return table.ToHtml();
    }
}
