using System.Runtime.InteropServices;

namespace Rebound.Bench.TorchSharp;

/// <summary>The libraries below TorchSharp.</summary>
internal static class NativeLibraries
{
    /// <summary>
    /// Why they cannot be loaded, in the loader's words; null where they can, and are. Debian 12's libstdc++ is too old for them.
    /// </summary>
    public static string? Absence()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        try
        {
            NativeLibrary.Load(Path.Combine(folder, "libLibTorchSharp.so"));
            return null;
        }
        catch (DllNotFoundException exception)
        {
            // The loader's own sentence comes after advice on how to find it.
            return $"TorchSharp is left out: {exception.Message.TrimEnd().Split('\n')[^1]}";
        }
    }
}
