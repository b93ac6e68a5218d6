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
    public static IReadOnlyList<OutcomeCount> Of(IEnumerable<TokenizedDocument> documents)
    {
        var counts = new OrderedDictionary<(string, string), OutcomeCount>();
        var rows = new HashSet<(string, string, string, int)>();
        foreach (var document in documents)
        {
            var (outcome, condition) = (document.Outcome, document.Condition);
            var before = counts.GetValueOrDefault((outcome, condition)) ?? new OutcomeCount(outcome, condition, 0, 0, 0, 0);
            counts[(outcome, condition)] = before with
            {
                Trajectories = before.Trajectories + (rows.Add((outcome, condition, document.File, document.Row)) ? 1 : 0),
                Documents = before.Documents + 1,
                Tokens = before.Tokens + document.Length,
                SupervisedTokens = before.SupervisedTokens + document.SupervisedTokens,
            };
        }

        return [.. counts.Values];
    }
}
