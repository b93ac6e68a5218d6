using System.Runtime.InteropServices;

namespace Rebound.Trajectories.Browsing;

/// <summary>Which rows are wanted, and in which order. All that is given has to hold.</summary>
public sealed record TrajectoryQuery
{
    /// <summary>The id of a file; null for all that hold trajectories.</summary>
    public string? File { get; init; }

    /// <summary>As <see cref="TrajectoryEntry.Outcome"/>; null for any.</summary>
    public string? Outcome { get; init; }

    public string? Cause { get; init; }

    public string? Task { get; init; }

    public int? MinTurns { get; init; }

    public int? MaxTurns { get; init; }

    /// <summary>Characters of all turns.</summary>
    public int? MinLength { get; init; }

    /// <inheritdoc cref="MinLength"/>
    public int? MaxLength { get; init; }

    /// <summary>Words that stand together in a turn, a call, the id or the answer, in whatever case; empty for any.</summary>
    public string Text { get; init; } = "";

    public TrajectoryOrder Order { get; init; }

    public bool Descending { get; init; }

    /// <summary>Looks through the index, and for a text through the files.</summary>
    public TrajectoryMatches Run(IReadOnlyList<IndexedFile> files, CancellationToken cancellation = default)
    {
        var (rows, all) = (new List<FoundTrajectory>(), 0);
        Dictionary<string, int> outcomes = [], causes = [], tasks = [];
        foreach (var file in files.Where(file => File is null ? file.Index.HoldsTrajectories : file.Id == File))
        {
            cancellation.ThrowIfCancellationRequested();
            using var search = Text.Length > 0 ? new TextSearch(file, Text) : null;
            foreach (var entry in file.Index.Entries)
            {
                all++;
                Count(outcomes, entry.Outcome);
                Count(causes, entry.Cause);
                Count(tasks, entry.Task);
                if (Takes(entry) && search?.Finds(entry, cancellation) != false)
                {
                    rows.Add(new FoundTrajectory(file, entry));
                }
            }
        }

        return new TrajectoryMatches(Sorted(rows), all, outcomes, causes, tasks);
    }

    private static void Count(Dictionary<string, int> counts, string? name)
    {
        if (name is not null)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, name, out _)++;
        }
    }

    private bool Takes(TrajectoryEntry entry) =>
        (Outcome is null || entry.Outcome == Outcome)
        && (Cause is null || entry.Cause == Cause)
        && (Task is null || entry.Task == Task)
        && entry.Turns >= (MinTurns ?? 0) && entry.Turns <= (MaxTurns ?? int.MaxValue)
        && entry.Length >= (MinLength ?? 0) && entry.Length <= (MaxLength ?? int.MaxValue);

    private List<FoundTrajectory> Sorted(List<FoundTrajectory> rows)
    {
        if (Order == TrajectoryOrder.File)
        {
            if (Descending)
            {
                rows.Reverse();
            }

            return rows;
        }

        // The sort is stable, so that rows which are alike stay in the order of their files.
        Func<FoundTrajectory, object?> key = Order switch
        {
            TrajectoryOrder.Id => row => row.Entry.Id,
            TrajectoryOrder.Outcome => row => row.Entry.Outcome,
            TrajectoryOrder.Cause => row => row.Entry.Cause,
            TrajectoryOrder.Task => row => row.Entry.Task,
            TrajectoryOrder.Reward => row => row.Entry.Reward,
            TrajectoryOrder.Turns => row => row.Entry.Turns,
            _ => row => row.Entry.Length,
        };
        var order = Comparer<object?>.Create((one, other) => one is string || other is string
            ? string.CompareOrdinal(one as string, other as string)
            : Comparer<object?>.Default.Compare(one, other));
        return [.. Descending ? rows.OrderByDescending(key, order) : rows.OrderBy(key, order)];
    }
}
