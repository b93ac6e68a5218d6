using System.Collections.Concurrent;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Inference.Generation;
using Rebound.Study.Workbench;
using Rebound.Training.Runs;

namespace Rebound.Study.Grids;

/// <summary>
/// Runs a study's trainings, each once: one that is there with all its examinations is not made again, one that was cut off goes on.
/// Several processes may work in one folder, each on trainings that no other is at.
/// </summary>
/// <param name="backends">One for each training at a time; they stay the caller's to dispose of.</param>
public sealed class GridRunner(GridPlan plan, GridFolder folder, IReadOnlyList<Backend> backends, TimeProvider time)
{
    /// <summary>Opens another backend on the first one's GPU (<see cref="RunHost.OpenAnother"/>); null for none.</summary>
    public Func<Backend>? OpenAnother { get; init; }

    public IGridObserver Observer { get; init; } = new UnobservedGrid();

    /// <summary>The part of the trainings to run.</summary>
    public GridPart Part { get; init; } = GridPart.Whole;

    /// <summary>No training begins after this time; null for no limit.</summary>
    public TimeSpan? Longest { get; init; }

    /// <summary>How far the study is; nothing is written.</summary>
    public GridProgress Look()
    {
        var places = Places();
        return Progress(places, []);
    }

    /// <summary>Runs what is left of the part.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; what ended is kept.</exception>
    public async Task<GridProgress> RunAsync(CancellationToken cancellation)
    {
        var places = Places();
        var listing = Listing(places);
        folder.Write(listing);
        TellOthers(places);
        DeleteExaminedWeights(places);
        var queue = new GridQueue<Place>([.. Part.Take(places).Where(place => !IsDone(place.Folder))], Longest, time);
        using var work = new Work(queue, listing, cancellation);
        await Task.WhenAll(backends.Select(backend => Task.Run(() => WorkAsync(backend, work), CancellationToken.None)));
        return Progress(places, [.. work.Failed]);
    }

    /// <summary>Runs trainings on one backend as long as there are some; what ends it ends the others.</summary>
    private async Task WorkAsync(Backend backend, Work work)
    {
        try
        {
            // The kernels of all are still to be compiled when the first begins.
            var openAnother = backend == backends[0] ? OpenAnother : null;
            while (work.Queue.TryTake(out var place))
            {
                work.Stop.Token.ThrowIfCancellationRequested();
                try
                {
                    Observer.Began(place.Cell, work.Queue.Done, work.Queue.All);
                    var start = time.GetTimestamp();
                    var trainer = new ModelTrainer(backend) { OpenAnother = openAnother, Turn = work.TurnOn(backend.Device), Time = time };
                    await RunAsync(place, trainer, backend, work.Stop.Token);
                    var result = folder.Read(work.Listing.Points.First(point => point.Cell == place.Name), work.Listing);
                    Observer.Ended(place.Cell, work.Queue.CountDone(), work.Queue.All, result, time.GetElapsedTime(start));
                }
                catch (FolderInUseException)
                {
                    Observer.Left(place.Cell, $"{place.Cell.Name} is another process's, and left to it.");
                }
                catch (Exception e) when (e is RunFailedException or UnansweredException or NotFiniteException)
                {
                    var failure = $"{place.Cell.Name}: {e.InnerException?.Message ?? e.Message}";
                    work.Failed.Enqueue(failure);
                    Observer.Left(place.Cell, failure);
                }

                openAnother = null;
            }
        }
        catch
        {
            await work.Stop.CancelAsync();
            throw;
        }
    }

    private async Task RunAsync(Place place, ModelTrainer trainer, Backend backend, CancellationToken cancellation)
    {
        Directory.CreateDirectory(place.Folder.Location);
        using var held = FolderLock.Take(place.Folder.Location);
        var progress = new CellProgress(Observer, place.Cell);
        await new CellWork(plan, place.Cell, place.Folder, trainer, backend, time, progress).RunAsync(cancellation);
    }

    /// <summary>Every training with its folder.</summary>
    private Place[] Places()
    {
        var cells = plan.Cells;
        var folders = new Dictionary<GridCell, string>();
        foreach (var same in cells.GroupBy(cell => (cell.Model, cell.Lora)))
        {
            using var start = StartingModel.Open(same.Key.Model, same.Key.Lora);
            foreach (var cell in same)
            {
                folders[cell] = $"{cell.Name}-{CellFolder.Fingerprint(TrainingDescription.Of(cell.Run, start, backends[0]))}";
            }
        }

        return [.. cells.Select(cell => new Place(cell, folder.Cell(folders[cell])))];
    }

    private GridListing Listing(IReadOnlyList<Place> places)
    {
        var folders = places.ToDictionary(place => place.Cell, place => place.Name);
        return new GridListing(
            [.. plan.Points.Select(point => new GridListing.Point(point.Arm, point.Seed, folders[point.Cell]))],
            [.. plan.Tasks.Select(task => new GridListing.TaskResult(task.Name, GridFiles.NameOf(task), task.IsOutOfDistribution))],
            plan.HeldOut?.Name,
            [.. plan.About.Select(about => (string[])[about.Name, about.Value])]);
    }

    /// <summary>Says which trainings have been run under other settings.</summary>
    private void TellOthers(IReadOnlyList<Place> places)
    {
        var changed = places.Where(place => !Directory.Exists(place.Folder.Location) && folder.CellsNamed(place.Cell.Name).Count > 0)
            .Select(place => place.Cell.Name).ToArray();
        if (changed.Length > 0)
        {
            Observer.Note(
                $"{changed.Length} of {places.Count} trainings were run under other settings, or from other data, and are run anew: "
                    + $"{string.Join(", ", changed.Take(3))}{(changed.Length > 3 ? ", …" : "")}. What was there is kept.");
        }
    }

    /// <summary>Takes away weights that a process which ended between a training's last score and these has left.</summary>
    private void DeleteExaminedWeights(IReadOnlyList<Place> places)
    {
        foreach (var place in places.Where(place => !plan.KeepsModels && IsDone(place.Folder)))
        {
            place.Folder.DeleteWeights();
        }
    }

    private bool IsDone(CellFolder cell) => File.Exists(cell.CostsPath)
        && plan.Tasks.All(task => File.Exists(cell.ScoresPath(GridFiles.NameOf(task))))
        && (plan.HeldOut is null || File.Exists(cell.ScoresPath(plan.HeldOut.Name)));

    private GridProgress Progress(IReadOnlyList<Place> places, IReadOnlyList<string> failed) => new(
        places.Count(place => IsDone(place.Folder)), places.Count, Part.Take(places).Count(place => !IsDone(place.Folder)), failed);

    /// <summary>The work in hand, of all backends.</summary>
    private sealed class Work(GridQueue<Place> queue, GridListing listing, CancellationToken cancellation) : IDisposable
    {
        private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new();

        public GridQueue<Place> Queue => queue;

        public GridListing Listing => listing;

        public ConcurrentQueue<string> Failed { get; } = [];

        public CancellationTokenSource Stop { get; } = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        /// <summary>One trains at a time on a device, while others examine. Backends of one GPU give it the same name.</summary>
        public SemaphoreSlim TurnOn(Device device) => _turns.GetOrAdd(device.Name, _ => new SemaphoreSlim(1));

        public void Dispose()
        {
            foreach (var turn in _turns.Values)
            {
                turn.Dispose();
            }

            Stop.Dispose();
        }
    }

    private sealed record Place(GridCell Cell, CellFolder Folder)
    {
        public string Name => Path.GetFileName(Folder.Location);
    }
}
