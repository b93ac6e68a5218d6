using System.Text.Json.Nodes;
using Rebound.Cli.Data;
using Rebound.Cli.Options;
using Rebound.Cli.Serve;
using Rebound.Cli.Terminal;
using Rebound.Gateway;
using Rebound.Gateway.Keeping;

namespace Rebound.Cli.Record;

/// <summary>A gateway from its start to when it is told to stop.</summary>
internal static class RecordRun
{
    public static async Task<int> RunAsync(CommandContext context, RecordOptions options)
    {
        var settings = options.Read(context);
        if (context.Get(options.Upstream) is null)
        {
            Show(context, settings, await RecordingGateway.WriteAsync(settings, context.Interrupted), counts: null);
            return ExitCode.Done;
        }

        // It lets what runs end before it ends itself.
        using var draining = context.Interruption.Saving();
        await using var gateway = await Listening.StartAsync(
            settings.Address, settings.Port, () => RecordingGateway.StartAsync(settings, context.Interrupted));
        context.Terminal.Note($"Recording {settings.Upstream} at {gateway.Address}v1 into {settings.Folder}");
        context.Terminal.Next("Let agents use it", $"export OPENAI_BASE_URL={gateway.Address}v1");
        await Listening.UntilInterruptedAsync(context.Interrupted);
        context.Terminal.Note("No more requests are taken; those that run are given the time to end.");
        var counts = await gateway.StopAsync();
        Show(context, settings, counts.Kept, counts);
        return ExitCode.Done;
    }

    private static void Show(CommandContext context, GatewayOptions settings, KeptCounts kept, GatewayCounts? counts)
    {
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(Json(kept, counts));
            return;
        }

        var table = DataTable.Create("conversations", "trajectories", "share");
        DataTable.AddRow(table, "success", $"{kept.Successes:N0}", DataTable.Share(kept.Successes, kept.Trajectories));
        DataTable.AddRow(table, "failure", $"{kept.Failures:N0}", DataTable.Share(kept.Failures, kept.Trajectories));
        foreach (var (why, count) in kept.WithoutOutcome)
        {
            DataTable.AddRow(table, $"no outcome: {why}", $"{count:N0}", DataTable.Share(count, kept.Trajectories));
        }

        DataTable.AddTotal(table, "all", $"{kept.Trajectories:N0}", "");
        context.Terminal.Write(table);
        if (counts is not null)
        {
            Say(context, counts);
        }

        if (kept.Trajectories > 0)
        {
            context.Terminal.Next("Look at them", $"rebound data stats {ShellText.Quoted(settings.Folder)}");
        }
    }

    private static void Say(CommandContext context, GatewayCounts counts)
    {
        context.Terminal.Say(
            $"{CountText.Of(counts.Answers, "answer")} recorded, {CountText.Of(counts.Others, "other request")} passed on.");
        foreach (var (why, count) in counts.NotRecorded.OrderByDescending(reason => reason.Value))
        {
            context.Terminal.Say($"{CountText.Of(count, "answer")} passed on and not recorded: {why}.");
        }

        foreach (var (why, count) in counts.Failed.OrderByDescending(reason => reason.Value))
        {
            context.Terminal.Say($"{CountText.Of(count, "request")} without an answer: {why}.");
        }

        foreach (var (why, count) in counts.IgnoredHeaders.OrderByDescending(reason => reason.Value))
        {
            context.Terminal.Say($"{CountText.Of(count, "header")} ignored: {why}.");
        }

        if (counts.Unmatched > 0)
        {
            context.Terminal.Say($"{CountText.Of(counts.Unmatched, "evaluation")} of answers that were not recorded here.");
        }
    }

    private static JsonObject Json(KeptCounts kept, GatewayCounts? counts)
    {
        var json = new JsonObject
        {
            ["trajectories"] = kept.Trajectories,
            ["successes"] = kept.Successes,
            ["failures"] = kept.Failures,
            ["without_outcome"] = Counts(kept.WithoutOutcome),
        };
        if (counts is not null)
        {
            json["answers"] = counts.Answers;
            json["not_recorded"] = Counts(counts.NotRecorded);
            json["failed"] = Counts(counts.Failed);
            json["others"] = counts.Others;
            json["unmatched_evaluations"] = counts.Unmatched;
            json["ignored_headers"] = Counts(counts.IgnoredHeaders);
        }

        return json;
    }

    private static JsonObject Counts(IReadOnlyDictionary<string, int> counts) =>
        new(counts.Select(count => KeyValuePair.Create<string, JsonNode?>(count.Key, count.Value)));
}
