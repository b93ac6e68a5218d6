namespace Rebound.Agents.Scoring;

/// <summary>The scorers by name.</summary>
public static class Scorers
{
    /// <summary>All scorers that a task can name.</summary>
    public static readonly IReadOnlyDictionary<string, IScorer> ByName = new Dictionary<string, IScorer>
    {
        ["math"] = new AcceptedAnswers(new MathScorer()),
        ["answer"] = new AcceptedAnswers(new AnswerScorer()),
        ["yes-no"] = new AcceptedAnswers(new YesNoScorer()),
        ["number"] = new AcceptedAnswers(new NumberScorer()),
    };
}
