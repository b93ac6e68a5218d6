using System.Diagnostics;

namespace Rebound.Cli.Terminal;

/// <summary>
/// One line about long work: how much is done, how fast, how long it still takes. On a terminal it is rewritten in
/// place; redirected, a line is written now and then.
/// </summary>
internal sealed class ProgressLine(string activity, long? total, string unit, TextWriter writer, bool live) : IDisposable
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _shownAt = TimeSpan.MinValue;
    private long _done;
    private string _detail = "";
    private bool _lineOpen;

    /// <summary>Takes over how much is done in all, and something to show beside it (a loss, a rate).</summary>
    public void Report(long done, string detail = "")
    {
        _done = done;
        _detail = detail;
        var interval = live ? LiveInterval : PlainInterval;
        var due = _shownAt == TimeSpan.MinValue ? live : _clock.Elapsed - _shownAt >= interval;
        if (_shownAt == TimeSpan.MinValue)
        {
            _shownAt = TimeSpan.Zero;
        }

        if (due)
        {
            _shownAt = _clock.Elapsed;
            Show();
        }
    }

    /// <summary>Writes a line that stays.</summary>
    public void WriteLine(string line)
    {
        Clear();
        writer.WriteLine(line);
    }

    /// <summary>Takes the line away, so that something else can be written.</summary>
    public void Clear()
    {
        if (_lineOpen)
        {
            writer.Write("\r\u001b[K");
            _lineOpen = false;
        }
    }

    public void Dispose()
    {
        Clear();
        writer.WriteLine($"{activity}: {_done} {unit} in {Duration(_clock.Elapsed)}{Rate()}{Detail()}");
    }

    private void Show()
    {
        var share = total is > 0 ? $"/{total} {unit} {100.0 * _done / total.Value:F0}%" : $" {unit}";
        var left = total is { } all && _done > 0 && _done < all ? $", {Duration(_clock.Elapsed * ((double)(all - _done) / _done))} left" : "";
        var line = $"{activity}: {_done}{share}{Rate()}{left}{Detail()}";
        if (live)
        {
            var width = Math.Max(20, TerminalStyle.Width - 1);
            writer.Write($"\r{(line.Length > width ? line[..width] : line)}\u001b[K");
            _lineOpen = true;
        }
        else
        {
            writer.WriteLine(line);
        }
    }

    private string Rate()
    {
        var seconds = _clock.Elapsed.TotalSeconds;
        return seconds < 0.5 || _done == 0 ? "" : $", {(_done / seconds).ToString(_done / seconds < 10 ? "F1" : "F0")} {unit}/s";
    }

    private string Detail() => _detail.Length > 0 ? $", {_detail}" : "";

    private static string Duration(TimeSpan time) => time.TotalMinutes < 1
        ? $"{time.TotalSeconds:F1} s"
        : time.TotalHours < 1 ? $"{(int)time.TotalMinutes}:{time.Seconds:00}" : $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}";
}
