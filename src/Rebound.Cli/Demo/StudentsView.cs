using System.Diagnostics;
using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Study.Comparison;

namespace Rebound.Cli.Demo;

/// <summary>How the students come along: a table that is rewritten on a terminal, lines elsewhere.</summary>
internal sealed class StudentsView(CommandTerminal terminal, IReadOnlyList<StudyRun> runs)
{
    private const int NameWidth = 22;
    private const int WidestCell = 20;
    private const int WidestBar = 8;

    /// <summary>The width of a cell beside its bar: the loss, and a blank before the next cell.</summary>
    private const int BesideBar = 11;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<StudyRun, StudentProgress> _progress = runs.ToDictionary(
        run => run, run => new StudentProgress(run, 0, null, null));
    private LiveBlock? _block;
    private TimeSpan _next;

    /// <summary>Runs the students, and shows what they report.</summary>
    /// <param name="run">Given where to report to.</param>
    public async Task<StudyResults> ShowAsync(Func<Action<StudentProgress>, Task<StudyResults>> run)
    {
        if (!terminal.ShowsLiveProgress)
        {
            using var line = terminal.StartProgress("Training and examining students", runs.Count, "students");
            return await run(progress => Report(progress, () => Report(line, progress)));
        }

        _block = terminal.StartBlock(Clear);
        try
        {
            return await run(progress => Report(progress, ShowTable));
        }
        finally
        {
            Clear();
        }
    }

    private double Share => _progress.Values.Average(run => run.Share);

    private void Report(StudentProgress progress, Action show)
    {
        lock (_gate)
        {
            _progress[progress.Run] = progress;
            show();
        }
    }

    private void Report(ProgressLine line, StudentProgress progress)
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
            _block!.Show(Lines(Math.Max(20, TerminalStyle.Width - 1)));
        }
    }

    private void Clear()
    {
        lock (_gate)
        {
            _block?.Clear();
        }
    }

    private IEnumerable<string> Lines(int width)
    {
        var seeds = runs.Select(run => run.Seed).Distinct().ToArray();
        var cell = Math.Clamp((width - NameWidth - 2) / seeds.Length, BesideBar, WidestCell);
        var shown = Math.Max(1, (width - NameWidth - 2) / cell);
        var left = Share > 0.02 ? $"about {DurationText.Of(_clock.Elapsed * ((1 - Share) / Share))} left" : "";
        yield return LineFill.Fit(
            [($"Training and examining {runs.Count} students", 1), ($"{100 * Share:0} %", 0),
                (DurationText.Of(_clock.Elapsed), 3), (left, 2)], width);
        yield return "  " + "".PadRight(NameWidth) + string.Concat(seeds.Take(shown).Select(seed => $"seed {seed}".PadRight(cell)));
        foreach (var kind in runs.GroupBy(run => (run.Method, run.Negatives)))
        {
            var name = kind.Key.Negatives == 0 ? kind.First().MethodName : $"{kind.First().MethodName}, {kind.Key.Negatives:N0} failures";
            yield return "  " + name.PadRight(NameWidth)
                + string.Concat(kind.Take(shown).Select(run => Cell(_progress[run], Math.Min(WidestBar, cell - BesideBar)).PadRight(cell)));
        }
    }

    private static string Cell(StudentProgress run, int bar) => run switch
    {
        { Accuracy: { } accuracy } => $"{100 * accuracy:0.0} % right",
        { Share: 0 } => "waits",
        { Loss: { } loss } => $"{Bar(run.Share, bar)} loss {loss:0.00}",
        _ => $"{Bar(run.Share, bar)} exam",
    };

    private static string Bar(double share, int width)
    {
        var full = (int)(share * width);
        return new string('━', full) + new string('┄', width - full);
    }
}
