using Rebound.Agents.Evaluation;

namespace Rebound.Cli.Agents;

/// <summary>Shares with their intervals, in percent, as tables have them.</summary>
internal static class IntervalText
{
    /// <summary>The format of a share.</summary>
    public const string Plain = "0.0";

    /// <summary>The format of a difference of shares.</summary>
    public const string Signed = "+0.0;−0.0;0.0";

    public static string Of(double mean, Interval interval, string format) =>
        $"{(100 * mean).ToString(format)} ({(100 * interval.Low).ToString(format)} to {(100 * interval.High).ToString(format)})";
}
