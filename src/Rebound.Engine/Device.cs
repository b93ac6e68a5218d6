namespace Rebound.Engine;

/// <summary>Memory that tensors lie in: the host's, which all CPU backends share, or that of one CUDA backend.</summary>
public sealed class Device
{
    private Device(string name, bool isHostMemory) => (Name, IsHostMemory) = (name, isHostMemory);

    /// <param name="name">For people, for example <c>cuda (NVIDIA H200, …)</c>.</param>
    internal Device(string name)
        : this(name, isHostMemory: false)
    {
    }

    /// <summary>The process's own memory.</summary>
    public static Device Host { get; } = new("host memory", isHostMemory: true);

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>True when the processor reads and writes it, so that <see cref="Tensor.AsSpan{T}"/> works.</summary>
    public bool IsHostMemory { get; }

    public override string ToString() => Name;
}
