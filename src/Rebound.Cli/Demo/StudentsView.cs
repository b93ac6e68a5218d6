using System.Diagnostics;
using Rebound.Cli.Terminal;
using Rebound.Study.Comparison;
using Spectre.Console;

namespace Rebound.Cli.Demo;

/// <summary>How the students come along: a table that is rewritten on a terminal, lines elsewhere.</summary>
internal sealed class StudentsView(CommandTerminal terminal, IReadOnlyList<StudyRun> runs)
{
    private const int BarWidth = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<StudyRun, RunProgress> _progress = runs.ToDictionary(run => run, run => new RunProgress(run, 0, null, null));
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

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Live(new Markup("")).StartAsync(async live =>
        {
            var results = await run(progress => Report(progress, () =>
            {
                if (_clock.Elapsed >= _next)
                {
                    _next = _clock.Elapsed + Interval;
                    live.UpdateTarget(Table());
                }
            }));
            live.UpdateTarget(new Markup(""));
            return results;
        });
    }

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

    private double Share => _progress.Values.Average(run => run.Share);

    private Table Table()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("student").AddColumn(new TableColumn("failures").RightAligned());
        foreach (var seed in runs.Select(run => run.Seed).Distinct())
        {
            table.AddColumn($"seed {seed}");
        }

        foreach (var kind in runs.GroupBy(run => (run.Method, run.Negatives)))
        {
            table.AddRow([kind.First().MethodName, $"{kind.Key.Negatives:N0}", .. kind.Select(run => Cell(_progress[run]))]);
        }

        var left = Share > 0.02 ? $", about {TimeSpan.FromSeconds(_clock.Elapsed.TotalSeconds * (1 - Share) / Share):m\\:ss} left" : "";
        return table.Caption($"{_clock.Elapsed:m\\:ss}, {100 * Share:0} %{left}");
    }

    private static string Cell(RunProgress run) => run switch
    {
        { Accuracy: { } accuracy } => $"[green]{100 * accuracy:0.0} % right[/]",
        { Share: 0 } => "[grey]waits[/]",
        { Loss: { } loss } => $"{Bar(run.Share)} loss {loss:0.00}",
        _ => $"{Bar(run.Share)} exam",
    };

    private static string Bar(double share)
    {
        var full = (int)(share * BarWidth);
        return $"[blue]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/]";
    }
}
