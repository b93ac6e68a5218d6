using Rebound.Traces.Runs;

namespace Rebound.Gateway.Keeping;

/// <summary>A conversation as far as it came.</summary>
/// <param name="Messages">The places of its messages.</param>
/// <param name="Answer">Its last answer.</param>
/// <param name="Tools">The place of the tools that it was asked with; null for none.</param>
/// <param name="Cause">Why it failed; null where that is not told.</param>
internal sealed record KeptConversation(
    IReadOnlyList<LinePlace> Messages, KeptAnswer Answer, LinePlace? Tools, Verdict Verdict, string? Cause);
