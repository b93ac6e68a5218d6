using Rebound.Text;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Statistics;

/// <summary>Statistics of trajectories, counted one by one.</summary>
/// <param name="tokenizer">Null to leave tokens uncounted.</param>
public sealed class TrajectoryStatistics(Tokenizer? tokenizer = null)
{
    private readonly (string Name, TrajectoryGroup Group)[] _outcomes =
        [(Outcome.Positive, new TrajectoryGroup()), (Outcome.Negative, new TrajectoryGroup()), (Outcome.Unscored, new TrajectoryGroup())];

    private readonly SortedDictionary<string, TrajectoryGroup> _sources = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, TrajectoryGroup> _causes = new(StringComparer.Ordinal);
    private readonly OutcomeColumns _columns = new();
    private readonly EpisodeEnd _end = new(new CleaningOptions().FinishTool);

    public TrajectoryGroup All { get; } = new();

    /// <summary>By <see cref="Outcome.Name"/>: positives, negatives, unscored, as far as there are any.</summary>
    public IEnumerable<(string Name, TrajectoryGroup Group)> Outcomes => _outcomes.Where(outcome => outcome.Group.Trajectories > 0);

    /// <summary>By source; trajectories without one are in none.</summary>
    public IEnumerable<(string Name, TrajectoryGroup Group)> Sources => _sources.Select(source => (source.Key, source.Value));

    /// <summary>By the cause of failure; trajectories without one are in none.</summary>
    public IEnumerable<(string Name, TrajectoryGroup Group)> Causes => _causes.Select(cause => (cause.Key, cause.Value));

    /// <summary>Whether tokens were counted.</summary>
    public bool HasTokens => tokenizer is not null;

    /// <summary>Where no trajectory has an outcome: members that look like some; null otherwise.</summary>
    public IReadOnlyList<string>? OutcomeLikes => All.Trajectories > 0 && Outcomes.All(outcome => outcome.Name == Outcome.Unscored)
        ? _columns.Found
        : null;

    public void Add(Trajectory trajectory)
    {
        _columns.Add(trajectory);
        var tokens = tokenizer is null ? null : TextTokens.Of(trajectory, tokenizer);
        var facts = new TrajectoryFacts(
            trajectory.QuestionKey, EpisodeEnd.IsEmpty(trajectory), _end.IsFinished(trajectory), tokens);
        All.Add(trajectory, facts);
        _outcomes.First(outcome => outcome.Name == trajectory.Outcome.Name).Group.Add(trajectory, facts);
        AddTo(_sources, trajectory.Source, trajectory, facts);
        AddTo(_causes, trajectory.Outcome.Cause, trajectory, facts);
    }

    private static void AddTo(SortedDictionary<string, TrajectoryGroup> groups, string? name, Trajectory trajectory, TrajectoryFacts facts)
    {
        if (name is null)
        {
            return;
        }

        if (!groups.TryGetValue(name, out var group))
        {
            groups[name] = group = new TrajectoryGroup();
        }

        group.Add(trajectory, facts);
    }
}
