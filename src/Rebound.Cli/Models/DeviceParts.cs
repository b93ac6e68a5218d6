using Rebound.Cli.Options;
using Rebound.Engine;

namespace Rebound.Cli.Models;

/// <summary>Several backends on the device that <c>--device</c> names, each with its part of it.</summary>
internal sealed class DeviceParts : IDisposable
{
    private readonly List<OpenedDevice> _opened = [];

    private DeviceParts()
    {
    }

    public OpenedDevice First => _opened[0];

    public IReadOnlyList<Backend> Backends => [.. _opened.Select(part => part.Backend)];

    /// <exception cref="InputException">The device is unknown or cannot be used; the message lists what was tried.</exception>
    public static DeviceParts Open(CommandContext context, int parts)
    {
        var all = new DeviceParts();
        try
        {
            for (var part = 0; part < parts; part++)
            {
                all._opened.Add(Devices.Open(context, parts: parts));
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
