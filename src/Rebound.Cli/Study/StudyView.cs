using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Study.Grids;
using Rebound.Study.Results;

namespace Rebound.Cli.Study;

/// <summary>Shows how far a study is: a live line for the trainings in hand, and a line that stays for each that is done.</summary>
internal sealed class StudyView(CommandTerminal terminal) : IGridObserver, IDisposable
{
    private readonly Lock _gate = new();
    private readonly OrderedDictionary<GridCell, string> _inHand = [];
    private ProgressLine? _line;
    private int _done;

    public void Note(string sentence) => terminal.Note(sentence);

    public void Began(GridCell cell, int done, int all)
    {
        lock (_gate)
        {
            _line ??= terminal.StartProgress("Trainings", all, "trainings");
            _done = done;
            Show(cell, "");
        }
    }

    public void Progressed(GridCell cell, string phase, double share)
    {
        lock (_gate)
        {
            Show(cell, $", {phase} {100 * share:0}%");
        }
    }

    public void Left(GridCell cell, string reason)
    {
        lock (_gate)
        {
            _inHand.Remove(cell);
            terminal.Note(reason);
        }
    }

    public void Ended(GridCell cell, int done, int all, MeasuredRun run, TimeSpan duration)
    {
        lock (_gate)
        {
            var scores = string.Join(", ", run.Tasks.Select(task =>
                $"{task.Task} {100 * task.Metrics[TaskScores.Accuracy].Average():0.0}"));
            _line?.WriteLine($"{done}/{all} {cell.Name}: {scores} ({DurationText.Of(duration)})");
            _done = done;
            _inHand.Remove(cell);
            Show();
        }
    }

    public void Dispose()
    {
        _line?.Dispose();
        _line = null;
    }

    private void Show(GridCell cell, string phase)
    {
        _inHand[cell] = cell.Name + phase;
        Show();
    }

    private void Show() => _line?.Report(_done, string.Join("; ", _inHand.Values));
}
