namespace Rebound.Engine.Collectives;

/// <summary>The times that ranks wait for each other.</summary>
public sealed record CommunicatorOptions
{
    /// <summary>The longest that a rank waits in a collective for another that is alive but does not come to it.</summary>
    public TimeSpan CollectiveTimeout { get; init; } = TimeSpan.FromMinutes(30);
}
