using Rebound.Files.Rows;
using Rebound.Study.Results;

namespace Rebound.Study.Grids;

/// <summary>
/// The folder of a study: <c>study.json</c> says which trainings belong to it as it was last started, <c>cells/</c> has a folder for
/// each, also for those of other settings, which are kept.
/// </summary>
public sealed class GridFolder(string path)
{
    internal const string FileName = "study.json";

    public string Location => path;

    /// <summary>Whether a folder is a study's.</summary>
    public static bool Is(string path) => File.Exists(Path.Combine(path, FileName));

    /// <summary>The measurements of the study as it was last started, and how it was set up.</summary>
    /// <exception cref="DataException">A file is damaged.</exception>
    public MeasuredGrid Read()
    {
        var listing = ResultFiles.Read<GridListing>(Path.Combine(path, FileName));
        var runs = listing.Points.Select(point => Read(point, listing)).Where(run => run.Tasks.Count > 0).ToArray();
        return new MeasuredGrid(runs, listing.Points.Count, [.. listing.About.Select(about => (about[0], about[1]))]);
    }

    /// <summary>The folder of a training.</summary>
    internal CellFolder Cell(string folder) => new(Path.Combine(path, "cells", folder));

    /// <summary>The folders of trainings of this name, of whatever settings.</summary>
    internal IReadOnlyList<string> CellsNamed(string name)
    {
        var cells = new DirectoryInfo(Path.Combine(path, "cells"));
        return cells.Exists
            ? [.. cells.GetDirectories($"{name}-*").Select(cell => cell.Name).Where(found => found.LastIndexOf('-') == name.Length)]
            : [];
    }

    internal void Write(GridListing listing) => ResultFiles.Write(Path.Combine(path, FileName), listing);

    /// <summary>The measurements of a training so far.</summary>
    internal MeasuredRun Read(GridListing.Point point, GridListing listing)
    {
        var cell = Cell(point.Cell);
        return new MeasuredRun(point.Arm, $"{point.Cell}, seed {point.Seed}", point.Seed)
        {
            Tasks =
            [
                .. listing.Tasks.Select(task => ResultFiles.Find<TaskScores>(cell.ScoresPath(task.Result)) is { } scores
                    ? scores with { IsOutOfDistribution = task.IsOutOfDistribution }
                    : null).OfType<TaskScores>(),
            ],
            Likelihoods = listing.Likelihoods is { } name
                ? ResultFiles.Find<List<TrajectoryLikelihood>>(cell.ScoresPath(name)) ?? [] : [],
            Training = ResultFiles.Find<TrainingCosts>(cell.CostsPath),
            Losses = [.. cell.Steps().Select(step => step.Loss)],
        };
    }
}
