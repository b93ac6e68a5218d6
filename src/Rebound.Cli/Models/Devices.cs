using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Models;

/// <summary>The devices that <c>--device</c> names.</summary>
internal static class Devices
{
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";

    /// <summary>The backend of a device.</summary>
    /// <param name="threads">Threads of the CPU backend; null: one for every core.</param>
    /// <exception cref="InputException">The device is unknown, or this version cannot use it.</exception>
    public static Backend Open(string device, int? threads)
    {
        if (threads is < 1 or > 1024)
        {
            throw new InputException($"--threads is {threads}, and must be from 1 to 1024.");
        }

        return device.ToLowerInvariant() switch
        {
            Cpu => new CpuBackend(threads),
            Cuda => throw new InputException(WhyNoCuda()),
            _ => throw new InputException($"--device is '{device}', and must be {Cpu}."),
        };
    }

    private static string WhyNoCuda()
    {
        var driver = CudaLibraries.Locate(CudaLibrary.Driver);
        var machine = driver.IsLoaded ? "" : ", and on this machine no CUDA driver was found ('rebound doctor' lists where it was looked for)";
        return $"--device {Cuda}: this version has no CUDA backend yet{machine}; use --device {Cpu}.";
    }
}
