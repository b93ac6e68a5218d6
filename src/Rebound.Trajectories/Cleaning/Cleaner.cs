namespace Rebound.Trajectories.Cleaning;

/// <summary>Decides for each trajectory whether it is kept, and counts the reasons for dropping.</summary>
public sealed class Cleaner
{
    private readonly CleaningOptions _options;
    private readonly EpisodeEnd _end;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, int> _dropped = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Tokens are limited, and nothing counts them.</exception>
    public Cleaner(CleaningOptions options)
    {
        if (options.MaxTokens is not null && options.CountTokens is null)
        {
            throw new ArgumentException("A limit on tokens needs a tokenizer to count them.", nameof(options));
        }

        _options = options;
        _end = new EpisodeEnd(options.FinishTool);
    }

    public int Kept { get; private set; }

    /// <summary>How many were left out for which reason, in the order in which reasons first came up.</summary>
    public IReadOnlyDictionary<string, int> Dropped => _dropped;

    /// <summary>
    /// Why the trajectory is left out, or null if it is kept. The first reason that holds counts; a duplicate is one of a
    /// trajectory that was kept.
    /// </summary>
    public string? ReasonToDrop(Trajectory trajectory)
    {
        var reason = Reasons(trajectory).FirstOrDefault(reason => reason is not null);
        if (reason is null)
        {
            Kept++;
        }
        else
        {
            _dropped[reason] = _dropped.GetValueOrDefault(reason) + 1;
        }

        return reason;
    }

    private IEnumerable<string?> Reasons(Trajectory trajectory)
    {
        yield return _options.DropEmpty && EpisodeEnd.IsEmpty(trajectory) ? "empty: the assistant says nothing" : null;
        yield return trajectory.Outcome.Cause is { } cause && _options.Causes.Contains(cause, StringComparer.OrdinalIgnoreCase)
            ? $"cause: {cause}" : null;
        yield return _options.DropUnfinished && !_end.IsFinished(trajectory) ? "unfinished: it ends without an answer" : null;
        yield return trajectory.Turns.Count < _options.MinTurns ? $"fewer than {_options.MinTurns} turns" : null;
        yield return trajectory.Turns.Count > _options.MaxTurns ? $"more than {_options.MaxTurns} turns" : null;
        yield return _options.MaxTokens is { } limit && _options.CountTokens!(trajectory) > limit ? $"more than {limit} tokens" : null;
        yield return IsDuplicate(trajectory) ? "duplicate of a trajectory before it" : null;
    }

    private bool IsDuplicate(Trajectory trajectory) =>
        _options.Duplicates != DuplicateRule.Keep
        && !_seen.Add(Fingerprint.Of(trajectory, _options.Duplicates == DuplicateRule.Normalized));
}
