using Rebound.Gateway.Keeping;

namespace Rebound.Gateway;

/// <summary>Counts of what passed since the gateway started, and of all that its folder holds.</summary>
/// <param name="Answers">Answers that were recorded.</param>
/// <param name="Failed">Requests that came to no answer, by reason.</param>
/// <param name="NotRecorded">Answers that were passed on and not recorded, by reason.</param>
/// <param name="Others">Requests for anything else, which are passed on alone.</param>
/// <param name="Kept">The trajectories in the folder.</param>
/// <param name="Unmatched">Evaluations of answers and conversations that are not known here.</param>
/// <param name="IgnoredHeaders">Headers of the gateway's own that could not be used, by reason; their messages were passed on.</param>
public sealed record GatewayCounts(
    int Answers, IReadOnlyDictionary<string, int> Failed, IReadOnlyDictionary<string, int> NotRecorded, int Others, KeptCounts Kept,
    int Unmatched, IReadOnlyDictionary<string, int> IgnoredHeaders);
