namespace Rebound.Engine.Cuda;

/// <summary>How a CUDA backend is opened.</summary>
public sealed record CudaOptions
{
    /// <summary>The driver's number of the GPU.</summary>
    public int Device { get; init; }

    /// <summary>The backend's <see cref="Backend.ElementType"/>; operations take either type whatever it is.</summary>
    public DType ElementType { get; init; } = DType.BFloat16;

    /// <summary>
    /// True: two runs on the same kind of GPU with the same libraries give the same bits. Matrix products then use the
    /// library's first suggestion instead of the fastest one measured; all other kernels have a fixed order anyway.
    /// </summary>
    public bool Deterministic { get; init; }

    /// <summary>
    /// True: in a forward over a cache a row gets the same bits in any batch, chunk and schedule, whatever is computed beside it
    /// (<see cref="Backend.BatchInvariantRows"/> is 1). Long prompts, fp32 and training take several times as long.
    /// </summary>
    public bool BatchInvariant { get; init; }

    /// <summary>
    /// Whether kernels of decoding begin before those ahead of them have ended, reading weights meanwhile, where the GPU can (from
    /// Hopper on). The results are the same.
    /// </summary>
    public bool LaunchesAhead { get; init; } = true;

    /// <summary>
    /// Whether frozen weights that a file has in blocks stay so; else they are widened to <see cref="ElementType"/> when they are loaded.
    /// </summary>
    public bool KeepsBlocks { get; init; } = true;

    /// <summary>
    /// The part of the GPU's memory, as it is free when the backend is opened, that <see cref="Backend.FreeBytes"/> speaks of: for
    /// several backends on one GPU, which plan with it. Above 0, at most 1.
    /// </summary>
    public double MemoryShare { get; init; } = 1;

    /// <summary>A folder to look in for NVIDIA's libraries before any other, or null.</summary>
    public string? LibraryFolder { get; init; }

    /// <summary>Where compiled kernels and measured algorithms are kept; null: a folder in the user's cache.</summary>
    public string? CacheFolder { get; init; }
}
