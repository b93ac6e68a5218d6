using Rebound.Checkpoints;
using Rebound.Files;
using Rebound.Training.Checkpoints;

namespace Rebound.Study.Watching;

/// <summary>A run of training that is followed through its files, whoever runs it.</summary>
public sealed class WatchedRun
{
    /// <summary>Without a step for so long a run is silent, unless its steps take long themselves.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    /// <summary>Steps that a step may take as long as.</summary>
    private const int Patience = 20;

    private const string Seconds = "seconds";

    private readonly GivenPath _given;
    private readonly string _folder;
    private readonly MetricsTail _metrics;
    private readonly TimeProvider _time;
    private int _version = -1;

    internal WatchedRun(GivenPath given, string folder, string id, TimeProvider time)
    {
        (_given, _folder, _time, Id, Name) = (given, folder, time, id, given.NameOf(folder));
        _metrics = new MetricsTail(new RunFolder(folder).MetricsPath);
    }

    /// <summary>Tells it from others, and nothing of where it is.</summary>
    public string Id { get; }

    /// <summary>As seen from what was given.</summary>
    public string Name { get; }

    public RunState State { get; private set; }

    /// <summary>When a step was last written.</summary>
    public DateTimeOffset LastStep { get; private set; }

    /// <summary>The last step; 0 for none.</summary>
    public int Steps { get; private set; }

    public IReadOnlyList<MetricCurve> Curves { get; private set; } = [];

    /// <summary>Why its files cannot be read; null where they can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Changes whenever there is something new.</summary>
    public string Version => $"{_metrics.Version}{State}";

    public MetricCurve? Curve(string name) => Curves.FirstOrDefault(curve => curve.Name == name);

    /// <summary>Reads what is new. One call at a time.</summary>
    internal void Refresh()
    {
        try
        {
            if (!_given.Holds(new RunFolder(_folder).MetricsPath))
            {
                throw new IOException("A link leads out of the folder.");
            }

            _metrics.Refresh();
            if (_version != _metrics.Version)
            {
                (_version, Curves) = (_metrics.Version, _metrics.Curves);
                Steps = Curves.Select(curve => curve.Steps[^1]).DefaultIfEmpty().Max();
            }

            LastStep = _metrics.Written is { } written ? new DateTimeOffset(written) : default;
            State = StateNow();
            Problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problem = "Its metrics cannot be read.";
        }
    }

    private RunState StateNow()
    {
        if (!FolderLock.MayBeHeld(_folder))
        {
            return ModelPublication.IsIn(_folder) ? RunState.Ended : RunState.Stopped;
        }

        var step = Curve(Seconds) is { } seconds ? seconds.Values.TakeLast(Patience).Average() : 0;
        var patience = TimeSpan.FromSeconds(Math.Max(Silence.TotalSeconds, Patience * step));
        return _time.GetUtcNow() - LastStep > patience ? RunState.Silent : RunState.Running;
    }
}
