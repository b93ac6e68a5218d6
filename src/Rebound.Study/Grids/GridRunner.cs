using Rebound.Engine;
using Rebound.Files;
using Rebound.Inference.Generation;
using Rebound.Study.Workbench;
using Rebound.Training.Runs;

namespace Rebound.Study.Grids;

/// <summary>
/// Runs a study's trainings on one device, each once: one that is there with all its examinations is not made again, one that was cut
/// off goes on. Several processes may work in one folder, each on trainings that no other is at.
/// </summary>
/// <param name="backend">Stays the caller's to dispose of.</param>
public sealed class GridRunner(GridPlan plan, GridFolder folder, Backend backend, TimeProvider time)
{
    /// <summary>Opens a second backend on the same GPU (<see cref="RunHost.OpenAnother"/>); null for none.</summary>
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
        var began = time.GetTimestamp();
        var places = Places();
        var listing = Listing(places);
        folder.Write(listing);
        TellOthers(places);
        DeleteExaminedWeights(places);
        var failed = new List<string>();
        var left = Part.Take(places).Where(place => !IsDone(place.Folder)).ToArray();
        foreach (var (number, place) in left.Index())
        {
            if (time.GetElapsedTime(began) > Longest)
            {
                break;
            }

            cancellation.ThrowIfCancellationRequested();
            try
            {
                Observer.Began(place.Cell, number, left.Length);
                var start = time.GetTimestamp();
                await RunAsync(place, number == 0, cancellation);
                var point = listing.Points.First(point => point.Cell == place.Name);
                Observer.Ended(place.Cell, number + 1, left.Length, folder.Read(point, listing), time.GetElapsedTime(start));
            }
            catch (FolderInUseException)
            {
                Observer.Note($"{place.Cell.Name} is another process's, and left to it.");
            }
            catch (Exception e) when (e is RunFailedException or UnansweredException or NotFiniteException)
            {
                failed.Add($"{place.Cell.Name}: {e.InnerException?.Message ?? e.Message}");
                Observer.Note(failed[^1]);
            }
        }

        return Progress(places, failed);
    }

    /// <param name="isFirst">Whether the device's kernels are still to be compiled.</param>
    private async Task RunAsync(Place place, bool isFirst, CancellationToken cancellation)
    {
        Directory.CreateDirectory(place.Folder.Location);
        using var held = FolderLock.Take(place.Folder.Location);
        var trainer = new ModelTrainer(backend) { OpenAnother = isFirst ? OpenAnother : null, Time = time };
        await new CellWork(plan, place.Cell, place.Folder, trainer, backend, time, Observer).RunAsync(cancellation);
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
                folders[cell] = $"{cell.Name}-{CellFolder.Fingerprint(TrainingDescription.Of(cell.Run, start, backend))}";
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

    private sealed record Place(GridCell Cell, CellFolder Folder)
    {
        public string Name => Path.GetFileName(Folder.Location);
    }
}
