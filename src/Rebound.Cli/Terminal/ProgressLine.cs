using System.Diagnostics;
using Rebound.Files.Messages;

namespace Rebound.Cli.Terminal;

/// <summary>
/// One line about long work: how much is done, how fast, how long it still takes. On a terminal it is rewritten in
/// place; redirected, a line is written now and then. Disposing it leaves a last line.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly string _activity;
    private readonly string _unit;
    private readonly TerminalWriter? _writer;
    private readonly bool _live;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _nextShow;
    private long _done;
    private string _detail = "";
    private bool _lineOpen;

    /// <param name="activity">The activity, for example <c>Generating</c>.</param>
    /// <param name="total">How much there is, or null while that is not known.</param>
    /// <param name="unit">The counted things, in the plural, for example <c>rows</c>.</param>
    /// <param name="writer">Null to say nothing.</param>
    /// <param name="live">Whether the writer is a terminal on which a line can be rewritten.</param>
    public ProgressLine(string activity, long? total, string unit, TerminalWriter? writer, bool live)
    {
        _activity = writer?.Shown(activity) ?? activity;
        Total = total;
        _unit = unit;
        _writer = writer;
        _live = live;
        _nextShow = live ? TimeSpan.Zero : PlainInterval;
        Report(0);
    }

    /// <summary>How much there is in all, or null while that is not known.</summary>
    public long? Total { get; set; }

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Whether <see cref="Report"/> would show the line now.</summary>
    public bool IsDue => _clock.Elapsed >= _nextShow;

    /// <summary>Shows the line, if it is time to.</summary>
    /// <param name="done">How much is done in all.</param>
    /// <param name="detail">Something to show beside it: a loss, a rate.</param>
    public void Report(long done, string detail = "")
    {
        _done = done;
        _detail = _writer?.Shown(detail) ?? detail;
        if (IsDue)
        {
            _nextShow = _clock.Elapsed + (_live ? LiveInterval : PlainInterval);
            Show();
        }
    }

    /// <summary>Writes a line that stays.</summary>
    public void WriteLine(string line)
    {
        Clear();
        _writer?.WriteLine(line);
    }

    /// <summary>Takes the line away, so that something else can be written.</summary>
    public void Clear()
    {
        if (_lineOpen)
        {
            _writer?.Steer("\r\u001b[K");
            _lineOpen = false;
        }
    }

    public void Dispose()
    {
        var line = LineFill.Fit(
            [($"{_activity}: {Amount} in {DurationText.Of(_clock.Elapsed)}", 0), (Rate(), 0), (_detail, 0)], LineFill.Unlimited);
        WriteLine(LineFill.Filled(line, _live ? TerminalStyle.Width : LineFill.Unlimited));
    }

    private void Show()
    {
        var share = Total is > 0 ? $"{100.0 * _done / Total.Value:F0}%" : "";
        var left = Total is { } all && _done > 0 && _done < all
            ? $"{DurationText.Of(_clock.Elapsed * ((double)(all - _done) / _done))} left"
            : "";
        (string Text, int Rank)[] parts =
            [($"{_activity}: {Amount}", 0), (share, 2), (Rate(), 4), (left, 1), .. _detail.Split(", ").Select(detail => (detail, 3))];
        if (_live)
        {
            var width = Math.Max(20, TerminalStyle.Width - 1);
            _writer!.Draw(drawn =>
            {
                drawn.Steer("\r");
                drawn.Write(CellWidth.Cut(LineFill.Fit(parts, width), width));
                drawn.Steer("\u001b[K");
            });
            _lineOpen = true;
        }
        else
        {
            _writer?.WriteLine(LineFill.Fit(parts, LineFill.Unlimited));
        }
    }

    private string Amount => Total is null ? $"{_done:N0} {(_done == 1 ? Singular : _unit)}" : $"{_done:N0}/{Total:N0} {_unit}";

    private string Singular => _unit.EndsWith("ies", StringComparison.Ordinal) ? $"{_unit[..^3]}y" : _unit[..^1];

    private string Rate()
    {
        var rate = _done / _clock.Elapsed.TotalSeconds;
        return _clock.Elapsed.TotalSeconds < 0.5 || _done == 0 ? "" : $"{rate.ToString(rate < 10 ? "0.##" : "N0")} {_unit}/s";
    }
}
