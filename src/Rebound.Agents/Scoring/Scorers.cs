namespace Rebound.Agents.Scoring;

/// <summary>The scorers by name.</summary>
public static class Scorers
{
    /// <summary>What a task can be scored with.</summary>
    public static readonly IReadOnlyDictionary<string, IScorer> ByName = new Dictionary<string, IScorer>
    {
        ["math"] = new MathScorer(),
        ["answer"] = new AnswerScorer(),
        ["yes-no"] = new YesNoScorer(),
        ["number"] = new NumberScorer(),
    };
}
