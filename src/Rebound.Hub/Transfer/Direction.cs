namespace Rebound.Hub.Transfer;

/// <summary>The way that files go, for messages.</summary>
/// <param name="Done">For example <c>downloaded from</c>, before the hub's name.</param>
/// <param name="Next">A sentence about what goes on from a failure.</param>
internal sealed record Direction(string Done, string Next)
{
    public static Direction Pull { get; } = new("downloaded from", "The next pull goes on from here.");

    public static Direction Push { get; } = new("uploaded to", "The next push goes on from here.");
}
