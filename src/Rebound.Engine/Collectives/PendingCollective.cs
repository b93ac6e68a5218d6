namespace Rebound.Engine.Collectives;

/// <summary>A collective that was begun, until <see cref="Communicator.Wait"/>; the default one is done.</summary>
/// <param name="Number">Its place among those of its communicator, from 1 on; 0 for one that is done.</param>
public readonly record struct PendingCollective(long Number)
{
    /// <summary>Whether there is nothing to wait for.</summary>
    public bool IsDone => Number == 0;
}
