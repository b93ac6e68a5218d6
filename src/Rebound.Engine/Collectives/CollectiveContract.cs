using System.Runtime.CompilerServices;

namespace Rebound.Engine.Collectives;

/// <summary>The contracts of collectives, checked before any work.</summary>
internal static class CollectiveContract
{
    /// <summary>The tensor is present, and in the memory of the communicator's device.</summary>
    public static void Reachable(Tensor tensor, Device device, [CallerMemberName] string operation = "")
    {
        if (tensor.IsEmpty)
        {
            throw new ShapeException(operation, nameof(tensor), "present", "absent");
        }

        if (!ReferenceEquals(tensor.Device, device))
        {
            throw new DeviceException(operation, nameof(tensor), $"{device}", $"{tensor.Device}");
        }
    }

    /// <summary>The same, and its elements are of a type that ranks can add.</summary>
    public static void Summable(Tensor tensor, Device device, [CallerMemberName] string operation = "")
    {
        Reachable(tensor, device, operation);
        if (tensor.DType is not (DType.Float32 or DType.BFloat16))
        {
            throw new ShapeException(operation, nameof(tensor), $"of {DType.Float32} or {DType.BFloat16}", $"{tensor}");
        }
    }

    /// <summary>The tensor's elements divide into as many equal parts as there are ranks.</summary>
    public static void Divisible(Tensor tensor, int size, [CallerMemberName] string operation = "")
    {
        if (tensor.Count % size != 0)
        {
            throw new ShapeException(
                operation, nameof(tensor), $"of a number of elements that {size} ranks divide evenly", $"{tensor} of {tensor.Count}");
        }
    }
}
