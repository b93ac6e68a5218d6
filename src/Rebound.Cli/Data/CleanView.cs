using System.Text.Json.Nodes;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Cleaning.Redaction;

namespace Rebound.Cli.Data;

/// <summary>Shows what a cleaning left out and replaced.</summary>
internal static class CleanView
{
    /// <summary>The reasons, in results, and the reason, in rows that were left out.</summary>
    public const string ReasonField = "dropped";

    /// <param name="redactor">Null where personal data was kept.</param>
    public static void Show(CommandContext context, Cleaner cleaner, Redactor? redactor)
    {
        var all = cleaner.Kept + cleaner.Dropped.Values.Sum();
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(Json(cleaner, redactor, all));
            return;
        }

        var table = DataTable.Create("", "trajectories", "share");
        foreach (var (reason, count) in cleaner.Dropped.OrderByDescending(reason => reason.Value))
        {
            DataTable.AddRow(table, reason, $"{count:N0}", DataTable.Share(count, all));
        }

        DataTable.AddTotal(table, "kept", $"{cleaner.Kept:N0}", DataTable.Share(cleaner.Kept, all));
        DataTable.AddRow(table, "read", $"{all:N0}", "");
        context.Terminal.Write(table);
        if (redactor is not null)
        {
            ShowRedacted(context, redactor, all);
        }
    }

    private static JsonObject Json(Cleaner cleaner, Redactor? redactor, int all)
    {
        var json = new JsonObject
        {
            ["trajectories"] = all,
            ["kept"] = cleaner.Kept,
            [ReasonField] = new JsonObject(
                cleaner.Dropped.Select(reason => KeyValuePair.Create<string, JsonNode?>(reason.Key, reason.Value))),
        };
        if (redactor is not null)
        {
            json["redacted"] = new JsonObject(redactor.Counts.Select(kind => KeyValuePair.Create<string, JsonNode?>(
                kind.Key, new JsonObject { ["found"] = kind.Value.Found, ["trajectories"] = kind.Value.Trajectories })));
            json["turns_without_tokens"] = redactor.TurnsWithoutTokens;
        }

        return json;
    }

    private static void ShowRedacted(CommandContext context, Redactor redactor, int all)
    {
        var table = DataTable.Create("personal data", "replaced", "trajectories", "share");
        foreach (var (kind, count) in redactor.Counts)
        {
            DataTable.AddRow(table, kind, $"{count.Found:N0}", $"{count.Trajectories:N0}", DataTable.Share(count.Trajectories, all));
        }

        context.Terminal.Write(table);
        if (redactor.TurnsWithoutTokens > 0)
        {
            context.Terminal.Say($"{redactor.TurnsWithoutTokens:N0} turns lost the tokens that they were generated with, which would "
                + "still say what their texts no longer do; they are learned by their texts.");
        }
    }
}
