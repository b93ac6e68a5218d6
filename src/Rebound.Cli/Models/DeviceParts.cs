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

    /// <param name="parts">Of each device.</param>
    /// <param name="gpus">How many GPUs, from the first; null for the device that is named.</param>
    /// <exception cref="InputException">The device is unknown or cannot be used; the message lists what was tried.</exception>
    public static DeviceParts Open(CommandContext context, int parts, int? gpus = null)
    {
        var all = new DeviceParts();
        try
        {
            for (var part = 0; part < parts * (gpus ?? 1); part++)
            {
                all._opened.Add(Devices.Open(context, gpu: gpus is { } count ? part % count : null, parts: parts));
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
