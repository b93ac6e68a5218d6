using Microsoft.Extensions.AI;

namespace Rebound.Agents.Episodes;

/// <summary>The parameters of a request for a turn, beside the conversation.</summary>
internal sealed record TurnRequest
{
    /// <summary>The text that ends a turn, whether the model's server honours it or not; null for none.</summary>
    public string? Stop { get; init; }

    /// <summary>Where a turn certainly ends, given its text so far; null while that is open, or for turns that end by themselves.</summary>
    public Func<string, int?>? End { get; init; }

    /// <summary>The tools that the model may call natively; null for none.</summary>
    public IReadOnlyList<AITool>? Tools { get; init; }
}
