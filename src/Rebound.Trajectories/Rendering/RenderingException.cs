namespace Rebound.Trajectories.Rendering;

/// <summary>A conversation cannot be rendered for training; the message says which property failed, and of which id.</summary>
public sealed class RenderingException(string id, string problem, Exception? inner = null)
    : Exception($"Trajectory {id}: {problem}", inner)
{
    public string Id { get; } = id;
}
