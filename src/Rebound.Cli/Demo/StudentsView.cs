using System.Diagnostics;
using Rebound.Cli.Terminal;
using Rebound.Study.Comparison;

namespace Rebound.Cli.Demo;

/// <summary>How the students come along: a table that is rewritten on a terminal, lines elsewhere.</summary>
internal sealed class StudentsView(CommandTerminal terminal, IReadOnlyList<StudyRun> runs)
{
    private const int NameWidth = 22;
    private const int CellWidth = 20;
    private const int BarWidth = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<StudyRun, RunProgress> _progress = runs.ToDictionary(run => run, run => new RunProgress(run, 0, null, null));
    private LiveBlock? _block;
    private TimeSpan _next;

    /// <summary>Runs the students, and shows what they report.</summary>
    /// <param name="run">Given where to report to.</param>
    public async Task<StudyResults> ShowAsync(Func<Action<RunProgress>, Task<StudyResults>> run)
    {
        if (!terminal.ShowsLiveProgress)
        {
            using var line = terminal.StartProgress("Training and examining students", runs.Count, "students");
            return await run(progress => Report(progress, () => Report(line, progress)));
        }

        _block = terminal.StartBlock(Clear);
        try
        {
            var results = await run(progress => Report(progress, ShowTable));
            terminal.Note($"{runs.Count} students were trained and examined in {DurationText.Of(_clock.Elapsed)}.");
            return results;
        }
        finally
        {
            Clear();
        }
    }

    private double Share => _progress.Values.Average(run => run.Share);

    private void Report(RunProgress progress, Action show)
    {
        lock (_gate)
        {
            _progress[progress.Run] = progress;
            show();
        }
    }

    private void Report(ProgressLine line, RunProgress progress)
    {
        if (progress.Accuracy is { } accuracy)
        {
            line.WriteLine($"{progress.Run.Name}: {100 * accuracy:0.0} % right");
        }

        line.Report(_progress.Values.Count(run => run.Accuracy is not null), $"{100 * Share:0} % of all work");
    }

    private void ShowTable()
    {
        if (_clock.Elapsed >= _next)
        {
            _next = _clock.Elapsed + Interval;
            _block!.Show(Lines());
        }
    }

    private void Clear()
    {
        lock (_gate)
        {
            _block?.Clear();
        }
    }

    private IEnumerable<string> Lines()
    {
        var left = Share > 0.02 ? $", about {DurationText.Of(_clock.Elapsed * ((1 - Share) / Share))} left" : "";
        yield return $"Training and examining {runs.Count} students: {100 * Share:0} %, {DurationText.Of(_clock.Elapsed)}{left}";
        yield return "  " + "".PadRight(NameWidth) + string.Concat(runs.Select(run => run.Seed).Distinct().Select(seed => $"seed {seed}".PadRight(CellWidth)));
        foreach (var kind in runs.GroupBy(run => (run.Method, run.Negatives)))
        {
            var name = kind.Key.Negatives == 0 ? kind.First().MethodName : $"{kind.First().MethodName}, {kind.Key.Negatives:N0} failures";
            yield return "  " + name.PadRight(NameWidth) + string.Concat(kind.Select(run => Cell(_progress[run]).PadRight(CellWidth)));
        }
    }

    private static string Cell(RunProgress run) => run switch
    {
        { Accuracy: { } accuracy } => $"{100 * accuracy:0.0} % right",
        { Share: 0 } => "waits",
        { Loss: { } loss } => $"{Bar(run.Share)} loss {loss:0.00}",
        _ => $"{Bar(run.Share)} exam",
    };

    private static string Bar(double share)
    {
        var full = (int)(share * BarWidth);
        return new string('━', full) + new string('┄', BarWidth - full);
    }
}
