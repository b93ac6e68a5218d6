namespace Rebound.Pages.Runs;

/// <summary>The names of metrics on the page, and in which order they come.</summary>
internal static class MetricTitles
{
    private static readonly Dictionary<string, (string Title, string Unit)> Known = new(StringComparer.Ordinal)
    {
        ["loss"] = ("Loss", "nats a token"),
        ["eval_loss"] = ("Held-out loss", "nats a token"),
        ["eval_loss_positive"] = ("Held-out loss of successes", "nats a token"),
        ["eval_loss_negative"] = ("Held-out loss of failures", "nats a token"),
        ["learning_rate"] = ("Learning rate", "rate"),
        ["grad_norm"] = ("Gradient norm", "norm, before clipping"),
        ["tokens_per_second"] = ("Speed", "tokens a second"),
        ["memory_gib"] = ("Memory", "GiB"),
    };

    /// <summary>Counts of a step, which say nothing over its course.</summary>
    private static readonly string[] Counts =
        ["epoch", "documents", "tokens", "supervised_tokens", "supervised_tokens_per_second", "seconds", "eval_seconds"];

    /// <summary>The metrics to draw, those that people look at first before others.</summary>
    public static IReadOnlyList<string> Ordered(IEnumerable<string> names)
    {
        string[] order = [.. Known.Keys];
        return
        [
            .. names.Distinct().Except(Counts)
                .OrderBy(name => Array.IndexOf(order, name) is >= 0 and var place ? place : order.Length),
        ];
    }

    /// <summary>Whether its values scatter from step to step, so that there is something to smooth.</summary>
    public static bool IsNoisy(string metric) =>
        metric is not ("learning_rate" or "memory_gib") && !metric.StartsWith("eval_", StringComparison.Ordinal);

    public static string TitleOf(string metric) => Known.TryGetValue(metric, out var known) ? known.Title : metric.Replace('_', ' ');

    public static string UnitOf(string metric) => Known.TryGetValue(metric, out var known) ? known.Unit : metric.Replace('_', ' ');
}
