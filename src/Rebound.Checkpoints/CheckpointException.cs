namespace Rebound.Checkpoints;

/// <summary>A checkpoint file that is truncated, inconsistent or not supported.</summary>
public sealed class CheckpointException : Exception
{
    public CheckpointException(string path, string? tensor, string problem, Exception? inner = null)
        : base(tensor is null ? $"{path}: {problem}" : $"{path}: tensor '{tensor}': {problem}", inner)
    {
        Path = path;
        Tensor = tensor;
    }

    /// <summary>The file that is wrong.</summary>
    public string Path { get; }

    /// <summary>The tensor or key that is wrong, if it is one.</summary>
    public string? Tensor { get; }
}
