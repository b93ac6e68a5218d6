namespace Rebound.Engine.Cuda;

/// <summary>A place where a library was looked for.</summary>
/// <param name="Source">Why it was looked for there, for example <c>Python environment</c>.</param>
/// <param name="Path">A folder, or a file name left to the system's loader.</param>
/// <param name="Outcome">What came of it, for example <c>not there</c>, or the loader's reason.</param>
public sealed record CudaAttempt(string Source, string Path, string Outcome);

/// <summary>Where one of NVIDIA's libraries was found and loaded, or everything that was tried.</summary>
public sealed class CudaLocation
{
    internal CudaLocation(CudaLibrary library, string? path, nint handle, string? version, IReadOnlyList<CudaAttempt> tried)
    {
        Library = library;
        Path = path;
        Handle = handle;
        Version = version;
        Tried = tried;
    }

    public CudaLibrary Library { get; }

    /// <summary>The file that was loaded, or the name under which the system's loader knew it; null: none.</summary>
    public string? Path { get; }

    /// <summary>The version that the library reports, for example <c>13.0</c>; null when it is not loaded or reports none.</summary>
    public string? Version { get; }

    /// <summary>Every place that was tried, in order; the last one succeeded if <see cref="IsLoaded"/>.</summary>
    public IReadOnlyList<CudaAttempt> Tried { get; }

    public bool IsLoaded => Handle != 0;

    /// <summary>The loader's handle, 0 if the library is absent.</summary>
    internal nint Handle { get; }
}
