using System.Globalization;
using Rebound.Cli.Machine;
using Rebound.Cli.Options;
using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Models;

/// <summary>The devices that <c>--device</c> names.</summary>
internal static class Devices
{
    public const string Auto = "auto";
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";

    private const int MostThreads = 1024;

    /// <summary>The backend that the options ask for; where they leave the choice and CUDA cannot be used, the CPU's.</summary>
    /// <param name="type">The type to compute in, over the options'; null for <c>--dtype</c>.</param>
    /// <param name="deterministic">Whether two runs have to give the same bits.</param>
    /// <param name="batchInvariant">Whether the bits of a row may not depend on what is computed beside it.</param>
    /// <param name="gpu">A GPU's number, over the options', in whose place no other device comes; null for theirs.</param>
    /// <param name="stored">
    /// Whether weights that are not trained stay as their files store them, on a GPU those in blocks, unless <c>--dtype</c> is given.
    /// </param>
    /// <param name="parts">How many backends share the device: each has that part of a GPU's memory, or of the CPU's threads.</param>
    /// <exception cref="InputException">The device is unknown or cannot be used; the message lists what was tried.</exception>
    public static OpenedDevice Open(
        CommandContext context, DType? type = null, bool deterministic = false, bool batchInvariant = false, int? gpu = null,
        int parts = 1, bool stored = true)
    {
        var (device, threads) = (context.Require(SharedOptions.Device).ToLowerInvariant(), context.Get(SharedOptions.Threads));
        if (threads is < 1 or > MostThreads)
        {
            throw new InputException($"--threads is {threads}, and must be from 1 to {MostThreads}.");
        }

        stored = stored && context.Get(SharedOptions.ComputeType) is null;
        type ??= ComputeTypes.Chosen(context.Get(SharedOptions.ComputeType));
        if (device == Cpu)
        {
            return new OpenedDevice(OpenCpu(context, threads, type, batchInvariant, parts, stored), Note: null);
        }

        if (GpuOf(device) is not { } chosen)
        {
            throw Unknown(device);
        }

        try
        {
            var options = new CudaOptions
            {
                Device = gpu ?? chosen,
                ElementType = type ?? DType.BFloat16,
                Deterministic = deterministic || batchInvariant,
                BatchInvariant = batchInvariant,
                MemoryShare = 1.0 / parts,
                KeepsBlocks = stored,
            };
            return new OpenedDevice(new CudaBackend(options), Note: null) { OpenAnother = () => new CudaBackend(options) };
        }
        catch (Exception e) when (e is PlatformNotSupportedException or CudaException)
        {
            if (device != Auto || gpu is not null)
            {
                var name = gpu is null ? $"--device {device}" : $"GPU {gpu}";
                throw Unusable(name, e);
            }

            // That a machine without a GPU computes on its CPU is no news; every command names its device anyway.
            var isNews = CudaRuntime.Find().Devices.Found.Count > 0 || context.Terminal.Verbose;
            return new OpenedDevice(
                OpenCpu(context, threads, type, batchInvariant, parts, stored),
                isNews ? $"No GPU is used, since {Reason(e)}; the CPU computes." : null);
        }
    }

    /// <summary>Whether a GPU is what the options ask for; no device is opened.</summary>
    /// <param name="gpus">GPUs of this host.</param>
    /// <exception cref="InputException">It is asked for and there is none, or there is no such device.</exception>
    public static bool MeansGpu(CommandContext context, int gpus)
    {
        var device = context.Require(SharedOptions.Device).ToLowerInvariant();
        if (device != Cpu && GpuOf(device) is null)
        {
            throw Unknown(device);
        }

        return device is Cpu || (device is Auto && gpus == 0)
            ? false
            : gpus > 0 ? true : throw Unusable($"--device {device}", new PlatformNotSupportedException("There is no GPU here."));
    }

    private static CpuBackend OpenCpu(
        CommandContext context, int? threads, DType? type, bool batchInvariant, int parts, bool stored) =>
        type is null or DType.Float32
        ? new CpuBackend(
            parts == 1 ? threads : Math.Max(1, (threads ?? Environment.ProcessorCount) / parts), batchInvariant, stored,
            roundsActivations: context.Get(SharedOptions.Int8Activations))
        : throw new InputException(
            $"--dtype {ComputeTypes.NameOf(type.Value)} needs a GPU; the CPU computes in {ComputeTypes.NameOf(DType.Float32)}.");

    /// <summary>The number of the GPU that a device names; null: it names none.</summary>
    private static int? GpuOf(string device) => device switch
    {
        Auto or Cuda => 0,
        _ when device.StartsWith($"{Cuda}:", StringComparison.Ordinal)
            && int.TryParse(device.AsSpan(Cuda.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var gpu) => gpu,
        _ => null,
    };

    private static InputException Unknown(string device) =>
        new($"--device is '{device}', and must be {Auto}, {Cpu}, {Cuda}, or {Cuda}:N for GPU N.");

    private static InputException Unusable(string name, Exception exception) =>
        new($"{name}: {Explanation(exception)}\nUse --device {Cpu} to compute without a GPU.", exception);

    private static string Reason(Exception exception) => CudaRuntime.Find().Absence ?? exception.Message.TrimEnd('.');

    /// <summary>The reason, and every place where absent libraries were looked for.</summary>
    private static string Explanation(Exception exception)
    {
        var tried = CudaFacts.Tried(CudaRuntime.Find().Libraries).ToArray();
        return tried.Length == 0
            ? exception.Message
            : $"{Reason(exception)}. It was looked for in\n  {string.Join("\n  ", tried)}";
    }
}

/// <summary>The backend that a command computes with.</summary>
/// <param name="Note">Why it is the CPU's although there is a GPU, to be said before it begins to work;
/// null where there is nothing to say.</param>
internal sealed record OpenedDevice(Backend Backend, string? Note)
{
    /// <summary>Opens a second backend on the same GPU, for another thread; null on a CPU, whose cores are taken.</summary>
    public Func<Backend>? OpenAnother { get; init; }
}
