using Rebound.Engine;
using Rebound.Engine.Cuda;

// Tests share one GPU and one backend, whose operations come from one thread at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Rebound.Gpu.Tests;

/// <summary>The GPU of this machine, or the reason to skip.</summary>
internal static class Gpu
{
    /// <summary>The environment variable with which absence is a failure, for machines that are known to have a GPU.</summary>
    private const string RequireVariable = "REBOUND_REQUIRE_GPU";

    private static CudaBackend? _shared;

    /// <summary>The backend that all tests but those of opening one use; never disposed of.</summary>
    public static CudaBackend Shared
    {
        get
        {
            Require();
            return _shared ??= new CudaBackend();
        }
    }

    /// <summary>Skips the test where there is no GPU or a library is absent.</summary>
    public static void Require() => SkipFor(CudaRuntime.Find().Absence);

    /// <summary>Skips the test where NVRTC is absent, which needs no GPU.</summary>
    public static void RequireCompiler()
    {
        var compiler = CudaRuntime.Find().Libraries.First(found => found.Library == CudaLibrary.Nvrtc);
        SkipFor(compiler.IsLoaded ? null : "NVRTC was not found");
    }

    private static void SkipFor(string? absence)
    {
        if (absence is null)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable(RequireVariable) == "1")
        {
            Assert.Fail($"{RequireVariable} is 1, but {absence}.");
        }

        Assert.Skip($"{absence} ({RequireVariable}=1 makes this a failure)");
    }
}
