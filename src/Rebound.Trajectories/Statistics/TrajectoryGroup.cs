namespace Rebound.Trajectories.Statistics;

/// <summary>Facts about a trajectory, computed once for all of its groups.</summary>
internal readonly record struct TrajectoryFacts(string Question, bool IsEmpty, bool IsFinished, TextTokens? Tokens);

/// <summary>Statistics of a group of trajectories: all, or those of one outcome, source or cause.</summary>
public sealed class TrajectoryGroup
{
    private readonly HashSet<string> _questions = new(StringComparer.Ordinal);

    public int Trajectories => Turns.Count;

    /// <summary>Different questions.</summary>
    public int Questions => _questions.Count;

    /// <summary>Episodes without any text or action of the assistant.</summary>
    public int Empty { get; private set; }

    /// <summary>Episodes that are not empty and ended without an answer.</summary>
    public int Unfinished { get; private set; }

    public Distribution Turns { get; } = new();

    /// <summary>Turns that are learned.</summary>
    public Distribution LearnedTurns { get; } = new();

    /// <summary>Tokens of all texts; empty where they were not counted.</summary>
    public Distribution Tokens { get; } = new();

    /// <summary>Tokens of the texts that are learned; empty where they were not counted.</summary>
    public Distribution LearnedTokens { get; } = new();

    internal void Add(Trajectory trajectory, TrajectoryFacts facts)
    {
        _questions.Add(facts.Question);
        Turns.Add(trajectory.Turns.Count);
        LearnedTurns.Add(trajectory.Turns.Count(turn => turn.Loss));
        Empty += facts.IsEmpty ? 1 : 0;
        Unfinished += !facts.IsEmpty && !facts.IsFinished ? 1 : 0;
        if (facts.Tokens is { } tokens)
        {
            Tokens.Add(tokens.All);
            LearnedTokens.Add(tokens.Learned);
        }
    }
}
