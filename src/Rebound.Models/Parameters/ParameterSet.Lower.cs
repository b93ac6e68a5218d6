using Rebound.Engine;

namespace Rebound.Models.Parameters;

/// <content>Lower halves, in the backend's memory or in the host's.</content>
public sealed partial class ParameterSet
{
    /// <summary>Copies lower halves of this set, its own part's or what was gathered of them, into a tensor of the backend's.</summary>
    public void CopyLower(Tensor destination, Tensor lower)
    {
        if (IsHosts(lower))
        {
            Backend.CopyFromHost<ushort>(destination, lower.AsSpan<ushort>());
        }
        else
        {
            Backend.Copy(destination, lower);
        }
    }

    private Arena AllocateLower(bool inHost)
    {
        var plan = Plan(_layout.Count, DType.UInt16, Part, ParameterStorage.OwnPart);
        return inHost ? Arena.OfHost(plan) : Backend.Allocate(plan);
    }

    private void ClearLower(Tensor lower)
    {
        if (IsHosts(lower))
        {
            lower.AsSpan<ushort>().Clear();
        }
        else
        {
            // Zero bits are a zero of any type; a device fills its memory faster than the host sends it zeros.
            Backend.Fill(lower.Reinterpret(DType.BFloat16), 0);
        }
    }

    private void ReadLower(Span<ushort> destination, Tensor lower)
    {
        if (IsHosts(lower))
        {
            lower.AsSpan<ushort>().CopyTo(destination);
        }
        else
        {
            Backend.CopyToHost(destination, lower);
        }
    }

    private void WriteLower(Tensor lower, ReadOnlySpan<ushort> source)
    {
        if (IsHosts(lower))
        {
            source.CopyTo(lower.AsSpan<ushort>());
        }
        else
        {
            Backend.CopyFromHost(lower, source);
        }
    }

    private static bool IsHosts(Tensor lower) => lower.Device.IsHostMemory;
}
