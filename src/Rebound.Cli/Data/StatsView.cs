using System.Text.Json.Nodes;
using Rebound.Trajectories.Statistics;
using Spectre.Console;

namespace Rebound.Cli.Data;

/// <summary>Statistics of trajectories as tables and as JSON.</summary>
internal static class StatsView
{
    private static readonly (string Name, double Share)[] Percentiles =
        [("least", 0), ("median", 0.5), ("p90", 0.9), ("p99", 0.99), ("most", 1)];

    /// <summary>Sources and causes in the table; all are in the JSON.</summary>
    private const int MostShown = 12;

    public static IEnumerable<Table> Tables(TrajectoryStatistics statistics)
    {
        yield return Counts(statistics);
        yield return Lengths("turns", statistics, group => group.Turns);
        if (statistics.HasTokens)
        {
            yield return Lengths("tokens", statistics, group => group.Tokens);
            yield return Lengths("learned tokens", statistics, group => group.LearnedTokens);
        }
    }

    public static JsonObject Json(TrajectoryStatistics statistics) => new()
    {
        ["all"] = Json(statistics.All, statistics.HasTokens),
        ["outcomes"] = Json(statistics.Outcomes, statistics.HasTokens),
        ["sources"] = Json(statistics.Sources, statistics.HasTokens),
        ["causes"] = Json(statistics.Causes, statistics.HasTokens),
    };

    private static Table Counts(TrajectoryStatistics statistics)
    {
        var table = DataTable.Create("", "trajectories", "share", "questions", "unfinished", "empty");
        void Add(string name, TrajectoryGroup group) => DataTable.AddRow(table, Cells(name, group, statistics.All));
        void AddMost(string kind, IEnumerable<(string Name, TrajectoryGroup Group)> groups)
        {
            var most = groups.OrderByDescending(group => group.Group.Trajectories).ToArray();
            foreach (var (name, group) in most.Length <= MostShown ? groups : most.Take(MostShown))
            {
                Add($"{kind} {name}", group);
            }

            if (most.Length > MostShown)
            {
                var rest = most.Skip(MostShown).Sum(group => group.Group.Trajectories);
                DataTable.AddRow(
                    table, $"{most.Length - MostShown:N0} {kind}s more", $"{rest:N0}",
                    DataTable.Share(rest, statistics.All.Trajectories), "", "", "");
            }
        }

        foreach (var (name, group) in statistics.Outcomes)
        {
            Add(name, group);
        }

        AddMost("source", statistics.Sources);
        AddMost("cause", statistics.Causes);

        DataTable.AddTotal(table, Cells("all", statistics.All, statistics.All));
        return table;
    }

    private static string[] Cells(string name, TrajectoryGroup group, TrajectoryGroup all) =>
    [
        name, $"{group.Trajectories:N0}", DataTable.Share(group.Trajectories, all.Trajectories), $"{group.Questions:N0}",
        Some(group.Unfinished), Some(group.Empty),
    ];

    private static Table Lengths(string what, TrajectoryStatistics statistics, Func<TrajectoryGroup, Distribution> distribution)
    {
        var table = DataTable.Create(what, [.. Percentiles.Select(percentile => percentile.Name), "mean", "sum"]);
        foreach (var (name, group) in statistics.Outcomes)
        {
            DataTable.AddRow(table, Cells(name, distribution(group)));
        }

        DataTable.AddTotal(table, Cells("all", distribution(statistics.All)));
        return table;
    }

    private static string[] Cells(string name, Distribution values) =>
    [
        name, .. Percentiles.Select(percentile => $"{values.Percentile(percentile.Share):N0}"), $"{values.Mean:N1}", $"{values.Sum:N0}",
    ];

    private static string Some(int count) => count == 0 ? "–" : $"{count:N0}";

    private static JsonObject Json(IEnumerable<(string Name, TrajectoryGroup Group)> groups, bool tokens) =>
        new(groups.Select(group => KeyValuePair.Create(group.Name, (JsonNode?)Json(group.Group, tokens))));

    private static JsonObject Json(TrajectoryGroup group, bool tokens)
    {
        var json = new JsonObject
        {
            ["trajectories"] = group.Trajectories,
            ["questions"] = group.Questions,
            ["unfinished"] = group.Unfinished,
            ["empty"] = group.Empty,
            ["turns"] = Json(group.Turns),
            ["turns_in_loss"] = Json(group.LearnedTurns),
        };
        if (tokens)
        {
            json["tokens"] = Json(group.Tokens);
            json["tokens_in_loss"] = Json(group.LearnedTokens);
        }

        return json;
    }

    private static JsonObject Json(Distribution values)
    {
        var json = new JsonObject();
        foreach (var (name, share) in Percentiles)
        {
            json[name] = values.Percentile(share);
        }

        json["mean"] = values.Mean;
        json["sum"] = values.Sum;
        return json;
    }
}
