using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Selection;

/// <summary>Counts of the documents of one outcome under one condition.</summary>
/// <param name="Outcome"><c>positive</c>, <c>negative</c> or <c>unscored</c>.</param>
/// <param name="Condition">The prompt's condition.</param>
/// <param name="Trajectories">Rows.</param>
/// <param name="Documents">More than the trajectories when some were rendered as several documents.</param>
/// <param name="Tokens">After the length limit.</param>
/// <param name="SupervisedTokens">Those in the loss.</param>
public sealed record OutcomeCount(
    string Outcome, string Condition, int Trajectories, int Documents, long Tokens, long SupervisedTokens)
{
    /// <summary>Counts documents by outcome and condition, in the order in which these first appear.</summary>
    public static IReadOnlyList<OutcomeCount> Of(IEnumerable<TokenizedDocument> documents) =>
    [
        .. documents.GroupBy(document => (document.Outcome, document.Condition)).Select(group => new OutcomeCount(
            group.Key.Outcome,
            group.Key.Condition,
            group.DistinctBy(document => (document.File, document.Row)).Count(),
            group.Count(),
            group.Sum(document => (long)document.Tokens.Length),
            group.Sum(document => (long)document.SupervisedTokens))),
    ];
}
