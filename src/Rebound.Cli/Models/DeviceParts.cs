using Rebound.Cli.Options;
using Rebound.Engine;

namespace Rebound.Cli.Models;

/// <summary>Several backends, each with its part of a device: of the one that <c>--device</c> names, or of some GPUs.</summary>
internal sealed class DeviceParts : IDisposable
{
    private readonly List<OpenedDevice> _opened = [];

    private DeviceParts()
    {
    }

    public OpenedDevice First => _opened[0];

    public IReadOnlyList<Backend> Backends => [.. _opened.Select(part => part.Backend)];

    /// <summary>For people, for example <c>cpu (2 threads, AVX2)</c>.</summary>
    public string Description => string.Join(
        ", ",
        Backends.CountBy(backend => backend.Description).Select(same => same.Value == 1 ? same.Key : $"{same.Value} × {same.Key}"));

    /// <param name="type">The type to compute in, over the options'; null for theirs.</param>
    /// <param name="deterministic">Whether two runs have to give the same bits.</param>
    /// <param name="batchInvariant">Whether the bits of a row may not depend on what is computed beside it.</param>
    /// <param name="stored">Whether the CPU may keep weights as their files store them.</param>
    /// <exception cref="InputException">A device is unknown or cannot be used; the message lists what was tried.</exception>
    public static DeviceParts Open(
        CommandContext context, DeviceShares shares, DType? type = null, bool deterministic = false, bool batchInvariant = false,
        bool stored = true)
    {
        var all = new DeviceParts();
        try
        {
            for (var part = 0; part < shares.Parts * (shares.Gpus ?? 1); part++)
            {
                int? gpu = shares.Gpus is { } count ? part % count : null;
                all._opened.Add(Devices.Open(context, type, deterministic, batchInvariant, gpu, shares.Parts, stored));
            }

            return all;
        }
        catch
        {
            all.Dispose();
            throw;
        }
    }

    public void Dispose() => _opened.ForEach(part => part.Backend.Dispose());
}
