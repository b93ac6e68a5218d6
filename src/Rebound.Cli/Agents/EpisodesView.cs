using System.Diagnostics;
using Rebound.Agents.Collection;
using Rebound.Agents.Models;
using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Agents;

/// <summary>
/// How many episodes go: how far they are, how they end, what the model does meanwhile. On a terminal it is a table that is rewritten in
/// place, elsewhere a line now and then.
/// </summary>
internal sealed class EpisodesView : IDisposable
{
    private const int MostRate = 3;
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly CommandTerminal _terminal;
    private readonly string _activity;
    private readonly string _unit;
    private readonly int _attempts;
    private readonly ModelMeter _meter;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly RecentRate _rate = new();
    private readonly Lock _lock = new();
    private readonly LiveBlock? _block;
    private readonly Timer _timer;
    private CollectionTotals _totals = new();
    private int _done;
    private int? _before;
    private bool _isOver;

    /// <param name="activity">The activity, for example <c>Collecting</c>.</param>
    /// <param name="unit">The counted things, in the plural.</param>
    public EpisodesView(CommandTerminal terminal, string activity, string unit, int attempts, ModelMeter meter)
    {
        (_terminal, _activity, _unit, _attempts, _meter) = (terminal, activity, unit, attempts, meter);
        _block = terminal.ShowsLiveProgress ? terminal.StartBlock(Clear) : null;
        var interval = _block is null ? PlainInterval : LiveInterval;
        _timer = new Timer(_ => Show(), null, _block is null ? interval : TimeSpan.Zero, interval);
    }

    /// <summary>Takes what there is by now; the first time, what was there before.</summary>
    /// <param name="done">Of the attempts.</param>
    public void Report(int done, CollectionTotals totals)
    {
        lock (_lock)
        {
            _before ??= done;
            (_done, _totals) = (done, totals);
        }
    }

    /// <summary>Takes the table away, and leaves a line.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _isOver = true;
            _block?.Clear();
            _terminal.Note(
                LineFill.Fit(
                    [($"{_activity}: {Amount} in {DurationText.Of(_clock.Elapsed)}", 0), .. Work(), .. Failures()], LineFill.Unlimited));
        }
    }

    private string Amount => $"{_done:N0}/{_attempts:N0} {_unit}";

    private void Clear()
    {
        lock (_lock)
        {
            _block?.Clear();
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            if (_block is null)
            {
                _terminal.Note(LineFill.Fit([.. Progress(), .. Results(), .. Work(), .. Failures()], LineFill.Unlimited));
                return;
            }

            var width = Math.Max(20, TerminalStyle.Width - 1);
            string[] lines =
            [
                LineFill.Fit(Progress(), width), .. Table(width), Indented(Work(), width),
                .. Failures().Select(failure => Indented([failure], width)),
            ];
            _block.Show(lines);
        }
    }

    private static string Indented(IEnumerable<(string Text, int Rank)> parts, int width) => "  " + LineFill.Fit(parts, width - 2);

    private IEnumerable<(string Text, int Rank)> Progress()
    {
        var (made, left) = (_done - (_before ?? 0), _attempts - _done);
        yield return ($"{_activity}: {Amount}", 0);
        yield return ($"{100.0 * _done / _attempts:F0}%", 2);
        yield return (DurationText.Of(_clock.Elapsed), 3);
        yield return (made > 0 && left > 0 ? $"{DurationText.Of(_clock.Elapsed * ((double)left / made))} left" : "", 1);
        yield return (made > 0 ? $"{made / _clock.Elapsed.TotalMinutes:0.0} a minute" : "", MostRate + 1);
    }

    private IEnumerable<(string Text, int Rank)> Results() =>
        _totals.Causes.Select(cause => ($"{cause.Value:N0} {cause.Key}", 2)).Prepend(($"{_totals.Successes:N0} right", 1));

    /// <summary>Successes and causes of failure, with their shares.</summary>
    private IEnumerable<string> Table(int width)
    {
        var rows = _totals.Causes.OrderByDescending(cause => cause.Value).Select(cause => (cause.Key, cause.Value))
            .Prepend(("right", _totals.Successes)).ToArray();
        var (names, counts) = (rows.Max(row => row.Item1.Length), rows.Max(row => $"{row.Item2:N0}".Length));
        return rows.Select(row =>
            $"  {row.Item1.PadRight(names)}  {$"{row.Item2:N0}".PadLeft(counts)}  "
                + $"{100.0 * row.Item2 / Math.Max(1, _totals.Episodes),5:0.0} %")
            .Select(line => CellWidth.Cut(line, width));
    }

    private IEnumerable<(string Text, int Rank)> Work()
    {
        var written = _meter.OutputTokens;
        yield return (_meter.UnderWay > 0 && !_isOver ? $"{CountText.Of(_meter.UnderWay, "answer")} awaited" : "", 3);
        yield return (CountText.Of(_meter.Turns, "turn"), 0);
        var (reused, elapsed) = (_meter.ReusedTokens, _clock.Elapsed);
        yield return ($"{CountText.Of(_meter.InputTokens, "token")} read", 2);
        yield return (reused > 0 ? $"{reused:N0} reused" : "", 2);
        yield return ($"{written:N0} written", 1);
        var rate = _isOver ? written / elapsed.TotalSeconds : _rate.At(elapsed, written);
        yield return (written > 0 ? RecentRate.Text(rate) : "", MostRate);
    }

    private IEnumerable<(string Text, int Rank)> Failures()
    {
        if (_meter.Retries > 0)
        {
            yield return (_meter.Retries == 1
                ? "1 request failed and was made again"
                : $"{_meter.Retries:N0} requests failed and were made again", 0);
            if (!_isOver)
            {
                yield return ($"the last because {_meter.LastFailure}", 5);
            }
        }
    }
}
