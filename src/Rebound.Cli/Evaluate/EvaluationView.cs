using Rebound.Agents.Evaluation;
using Rebound.Cli.Agents;
using Rebound.Cli.Options;
using Spectre.Console;

namespace Rebound.Cli.Evaluate;

/// <summary>An evaluation's result in the terminal: scores, gaps between conditions, causes of failure.</summary>
internal static class EvaluationView
{
    public static void Show(CommandContext context, EvaluationReport report)
    {
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(report.ToJson());
            return;
        }

        context.Terminal.Write(Scores(report));
        if (report.Scores.Any(scores => scores.Causes.Count > 0))
        {
            context.Terminal.Write(Causes(report));
        }
    }

    private static Table Scores(EvaluationReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("condition").AddColumn(new TableColumn("questions").RightAligned());
        foreach (var metric in report.Scores[0].Metrics)
        {
            table.AddColumn(new TableColumn($"{metric.Name}, % (95 % interval)").RightAligned());
        }

        foreach (var scores in report.Scores)
        {
            table.AddRow(
            [
                Markup.Escape(scores.Condition), $"{scores.Metrics[0].Values.Count}",
                .. scores.Metrics.Select(metric => IntervalText.Of(metric.Mean, metric.Interval, IntervalText.Plain)),
            ]);
        }

        foreach (var gap in report.Gaps)
        {
            table.AddRow(
            [
                Markup.Escape($"{gap.Condition} − {gap.Other}"), "paired",
                .. gap.Differences.Values.Select(difference => IntervalText.Of(difference.Mean, difference.Interval, IntervalText.Signed)),
            ]);
        }

        return table;
    }

    private static Table Causes(EvaluationReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("cause of failure");
        foreach (var scores in report.Scores)
        {
            table.AddColumn(new TableColumn(Markup.Escape(scores.Condition)).RightAligned());
        }

        foreach (var cause in report.Scores.SelectMany(scores => scores.Causes.Keys).Distinct())
        {
            table.AddRow([Markup.Escape(cause), .. report.Scores.Select(scores => $"{scores.Causes.GetValueOrDefault(cause)}")]);
        }

        return table;
    }
}
