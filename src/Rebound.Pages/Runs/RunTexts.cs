using System.Globalization;
using Rebound.Study.Watching;

namespace Rebound.Pages.Runs;

/// <summary>How the pages put runs into words.</summary>
internal static class RunTexts
{
    public static string StateOf(WatchedRun run) => run.Problem is not null ? "unreadable" : run.State switch
    {
        RunState.Running => "running",
        RunState.Silent => "silent",
        RunState.Ended => "ended",
        _ => "stopped",
    };

    /// <summary>The meaning of the state, for a tool tip.</summary>
    public static string MeaningOf(WatchedRun run) => run.Problem ?? run.State switch
    {
        RunState.Running => "Its folder is locked, and steps come.",
        RunState.Silent => "Its folder is locked, and no step has come for long: it does something else, or was killed.",
        RunState.Ended => "Nobody is at work on it, and its model is there.",
        _ => "Nobody is at work on it, and there is no model.",
    };

    public static string Number(double value) => value == 0 ? "0"
        : Math.Abs(value) is < 0.001 or >= 1e7 ? value.ToString("0.###e-0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 1000 ? value.ToString("N0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 100 ? value.ToString("0.#", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset time) =>
        time == default ? "" : time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
