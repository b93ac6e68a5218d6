namespace Rebound.Trajectories.Selection;

/// <summary>Counts how many trajectories that are used as they stand are never asked anything.</summary>
internal sealed class OwnQuestions
{
    private const string Observation = "Observation:";

    private int _all;
    private int _without;

    /// <summary>Whether there are trajectories, and none has a question.</summary>
    public bool AreMissing => _all > 0 && _without == _all;

    /// <summary>The trajectories that begin with an answer.</summary>
    public int BeginWithAnswers { get; private set; }

    public void Add(IReadOnlyList<Turn> turns)
    {
        if (turns.Count == 0)
        {
            return;
        }

        _all++;
        if (turns.TakeWhile(turn => turn.Role != Roles.Assistant).Any(turn => turn.Role == Roles.User))
        {
            return;
        }

        BeginWithAnswers++;
        _without += turns.Any(IsAsked) ? 0 : 1;
    }

    /// <summary>Whether a user speaks, rather than what an action brought about.</summary>
    private static bool IsAsked(Turn turn) =>
        turn.Role == Roles.User && !turn.Content.TrimStart().StartsWith(Observation, StringComparison.OrdinalIgnoreCase);
}
