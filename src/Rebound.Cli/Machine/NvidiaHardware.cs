namespace Rebound.Cli.Machine;

/// <summary>Whether the machine has an NVIDIA device, whatever of CUDA is installed.</summary>
internal static class NvidiaHardware
{
    private const string Vendor = "0x10de";

    /// <summary>The driver's files, those of a Windows host, or a device of this vendor on the bus.</summary>
    public static bool IsSeen =>
        Path.Exists("/proc/driver/nvidia/version")
        || Path.Exists("/dev/nvidiactl")
        || Path.Exists("/usr/lib/wsl/lib/libcuda.so.1")
        || IsOnBus("/sys/bus/pci/devices");

    private static bool IsOnBus(string devices)
    {
        try
        {
            return Directory.Exists(devices) && Directory.EnumerateDirectories(devices).Any(device =>
                Path.Combine(device, "vendor") is var file && File.Exists(file) && File.ReadAllText(file).Trim() == Vendor);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
