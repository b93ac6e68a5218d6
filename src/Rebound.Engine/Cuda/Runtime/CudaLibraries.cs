using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>Finds and loads NVIDIA's libraries. That one is absent is a value with everything that was tried, not an exception.</summary>
public static unsafe class CudaLibraries
{
    /// <summary>Looks for a library and loads the first that the system's loader accepts.</summary>
    /// <param name="library">Which one.</param>
    /// <param name="folder">A folder to look in before any other, or null.</param>
    public static CudaLocation Locate(CudaLibrary library, string? folder = null)
    {
        var tried = new List<CudaAttempt>();
        foreach (var (source, place) in CudaSearchPlaces.All(folder))
        {
            var loaded = place is null ? LoadByName(library, source, tried) : LoadFrom(place, library, source, tried);
            if (loaded is var (path, handle))
            {
                return new CudaLocation(library, path, handle, Version(library, handle), tried);
            }
        }

        return new CudaLocation(library, path: null, handle: 0, version: null, tried);
    }

    private static (string Path, nint Handle)? LoadByName(CudaLibrary library, string source, List<CudaAttempt> tried)
    {
        foreach (var name in library.FileNames)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                tried.Add(new CudaAttempt(source, name, "loaded"));
                return (name, handle);
            }

            tried.Add(new CudaAttempt(source, name, "not known"));
        }

        return null;
    }

    private static (string Path, nint Handle)? LoadFrom(string folder, CudaLibrary library, string source, List<CudaAttempt> tried)
    {
        var files = library.FileNames.Select(name => Path.Combine(folder, name)).Where(File.Exists).ToArray();
        if (files.Length == 0)
        {
            tried.Add(new CudaAttempt(source, folder, Directory.Exists(folder) ? $"holds no {library.FileNames[^1]}" : "no such folder"));
        }

        foreach (var file in files)
        {
            try
            {
                var handle = NativeLibrary.Load(file);
                tried.Add(new CudaAttempt(source, file, "loaded"));
                return (file, handle);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                tried.Add(new CudaAttempt(source, file, Reason(exception)));
            }
        }

        return null;
    }

    /// <summary>The loader's own words, which the runtime puts on a line of their own that begins with the file's name.</summary>
    private static string Reason(Exception exception)
    {
        var lines = exception.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.StartsWith('/')) ?? lines[0];
    }

    private static string? Version(CudaLibrary library, nint handle)
    {
        if (!NativeLibrary.TryGetExport(handle, library.VersionFunction, out var function))
        {
            return null;
        }

        if (library == CudaLibrary.CublasLt)
        {
            return Dotted((long)((delegate* unmanaged<nuint>)function)());
        }

        int first = 0, second = 0;
        if (library == CudaLibrary.Nvrtc)
        {
            return ((delegate* unmanaged<int*, int*, int>)function)(&first, &second) == 0 ? $"{first}.{second}" : null;
        }

        if (((delegate* unmanaged<int*, int>)function)(&first) != 0)
        {
            return null;
        }

        return library == CudaLibrary.Driver ? $"{first / 1000}.{first % 1000 / 10}" : Dotted(first);
    }

    /// <summary>A version written as one number: major × 10,000 + minor × 100 + patch.</summary>
    private static string Dotted(long number) => $"{number / 10_000}.{number % 10_000 / 100}.{number % 100}";
}
