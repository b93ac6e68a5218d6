using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Models;

/// <summary>The options of commands that share their work out over GPUs, and over parts of a device.</summary>
/// <param name="gpus">The work, for the help.</param>
/// <param name="parallel">What there are several of on a device.</param>
internal sealed class PartOptions(string gpus, string parallel)
{
    public readonly Option<string?> Gpus = OptionOf.Text("--gpus", $"N|{GpuCount.All}", $"{gpus} on several GPUs of this host");

    public readonly Option<int> Parallel = OptionOf.Number(
        "--parallel", $"{parallel}, which share the memory of a GPU or the CPU's threads", 1);

    /// <summary>For commands that let a model try questions.</summary>
    public static PartOptions OfCopies() => new("Ask copies of the model", "Copies of the model on a device");

    /// <summary>The GPUs and the parts of each that are asked for.</summary>
    public DeviceShares Read(CommandContext context, OptionChecks checks)
    {
        if (context.Get(Gpus) is { } text && context.Require(SharedOptions.Device) is var device and not Devices.Auto and not Devices.Cuda)
        {
            checks.Add($"{context.Label(Gpus)} is {text}, and {context.Label(SharedOptions.Device)} is {device}: give one of them.");
        }

        var parts = checks.AtLeast(Parallel, 1);
        return new DeviceShares(GpuCount.Read(context, Gpus, checks, CudaRuntime.Find().Devices.Found.Count), parts);
    }

    /// <summary>Whether one of them is given.</summary>
    public bool AreGiven(CommandContext context) => context.IsGiven(Gpus) || context.IsGiven(Parallel);
}
