using Rebound.Agents.Episodes;

namespace Rebound.Agents.Collection;

/// <summary>How a collection ended.</summary>
/// <param name="Stopped">Why it ended before its last attempt, in words; null where it did not.</param>
/// <param name="Left">Attempts that were not made.</param>
/// <param name="OutOfModel">Whether it stopped because the model answers no more.</param>
/// <param name="Unanswered">Why no attempt that was made had an answer from the model; null where one had, or none was made.</param>
public sealed record CollectionResult(CollectionTotals Totals, string? Stopped, int Left, bool OutOfModel, string? Unanswered);

/// <summary>Runs a collection's attempts, several at once, and writes every episode as it ends.</summary>
public sealed class Collector
{
    /// <summary>Model errors in a row after which there is no point in going on.</summary>
    private const int MostErrorsInARow = 20;

    private readonly CollectionFolder _folder;
    private readonly Budget _budget;
    private readonly int _concurrency;
    private readonly TimeProvider _time;

    /// <param name="concurrency">Episodes at once.</param>
    public Collector(CollectionFolder folder, Budget budget, int concurrency, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(concurrency, 1);
        (_folder, _budget, _concurrency, _time) = (folder, budget, concurrency, time);
    }

    /// <summary>Says why no attempt can have an answer from the model any more; null while one can.</summary>
    public Func<string?>? Broken { get; init; }

    /// <summary>
    /// Makes every attempt that the folder does not hold yet, and writes the folder's summaries at the end, however it ends.
    /// </summary>
    /// <param name="run">Makes one attempt.</param>
    /// <param name="progress">Told at the start and after every episode, one at a time, how many of the attempts
    /// are made, and what the folder holds.</param>
    public async Task<CollectionResult> RunAsync(
        IReadOnlyList<Attempt> attempts,
        Func<Attempt, CancellationToken, Task<Episode>> run,
        Action<int, CollectionTotals>? progress = null,
        CancellationToken cancellation = default)
    {
        using var log = _folder.OpenLog();
        var started = _time.GetTimestamp();
        var open = attempts.Where(attempt => !log.Has(attempt)).ToList();
        var gate = new Lock();
        var (made, failed, errors, outOfModel) = (0, 0, 0, false);
        string? lastFailure = null;
        string? stopped = null;
        Tell();
        try
        {
            await Parallel.ForEachAsync(
                Remaining(),
                new ParallelOptions { MaxDegreeOfParallelism = _concurrency, CancellationToken = cancellation },
                async (attempt, token) =>
                {
                    var episode = await run(attempt, token);
                    lock (gate)
                    {
                        log.Append(EpisodeRow.Of(attempt, episode));
                        made++;
                        var isFailed = episode.Cause == FailureCause.ModelError;
                        (errors, failed) = isFailed ? (errors + 1, failed + 1) : (0, failed);
                        lastFailure = isFailed ? episode.Detail : lastFailure;
                        var reason = Broken?.Invoke() ?? (errors < MostErrorsInARow
                            ? null
                            : $"{errors} episodes in a row had no answer from the model: {episode.Detail}");
                        outOfModel |= reason is not null;
                        stopped ??= reason;
                        stopped ??= _budget.Exceeded(log.Totals, _time.GetElapsedTime(started));
                        Tell();
                    }
                });
        }
        finally
        {
            _folder.WriteSummaries(log, attempts);
        }

        return new CollectionResult(
            log.Totals, made < open.Count ? stopped : null, open.Count - made, outOfModel,
            made > 0 && failed == made ? lastFailure : null);

        void Tell() => progress?.Invoke(attempts.Count - open.Count + made, log.Totals.Copy());

        IEnumerable<Attempt> Remaining()
        {
            foreach (var attempt in open)
            {
                lock (gate)
                {
                    stopped ??= _budget.Exceeded(log.Totals, _time.GetElapsedTime(started));
                    if (stopped is not null)
                    {
                        yield break;
                    }
                }

                yield return attempt;
            }
        }
    }
}
