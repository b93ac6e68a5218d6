using System.Runtime.InteropServices;

namespace Rebound.Trajectories.Storage;

/// <summary>The end of a file of rendered data: the sizes of what is before it, and a checksum of all that.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct StoredTrailer
{
    /// <summary>The first bytes of "rebound" and a version, as a number.</summary>
    public const long Mark = 0x01_61_74_61_64_62_65_72;

    public required long Format { get; init; }

    /// <summary>Numbers of 32 bits.</summary>
    public required long Numbers { get; init; }

    /// <summary>Documents.</summary>
    public required long Entries { get; init; }

    /// <summary>Bytes of JSON.</summary>
    public required long FindingsBytes { get; init; }

    /// <summary>CRC-32C of the bytes before.</summary>
    public required long Checksum { get; init; }
}
