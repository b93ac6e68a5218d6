namespace Rebound.Engine;

/// <summary>
/// Copies between a backend's memory and the host's that go on beside the backend's operations: one after the other, in the order in which
/// they are asked for. A copy that reads what operations write comes behind <see cref="Follow"/>; operations that read what copies
/// write come behind <see cref="Lead"/>.
/// </summary>
public abstract class HostCopies : IDisposable
{
    /// <summary>Host memory that copies are fastest from and to, zeroed.</summary>
    /// <exception cref="InsufficientMemoryException">The host has less memory than the plan takes.</exception>
    public abstract Arena Allocate(ArenaPlan plan);

    /// <summary>Copies that are asked for from now on wait for all operations of the backend so far.</summary>
    public abstract void Follow();

    /// <summary>Operations of the backend from now on wait for all copies so far.</summary>
    public abstract void Lead();

    /// <summary><c>host = device</c>, of as many elements of one type.</summary>
    /// <param name="host">In memory of <see cref="Allocate"/>.</param>
    public void Fetch(Tensor host, Tensor device)
    {
        Check(nameof(Fetch), host, device);
        FetchCore(host, device);
    }

    /// <summary><c>device = host</c>, of as many elements of one type.</summary>
    /// <param name="host">In memory of <see cref="Allocate"/>, to be left as it is until the copy has been made.</param>
    public void Send(Tensor device, Tensor host)
    {
        Check(nameof(Send), host, device);
        SendCore(device, host);
    }

    /// <summary>Sets one of the marks behind all copies so far.</summary>
    public abstract void Mark(int mark);

    /// <summary>Returns when the copies before a mark have been made.</summary>
    public abstract void Await(int mark);

    /// <summary>Returns when all copies have been made; memory of <see cref="Allocate"/> is the caller's to dispose of before.</summary>
    public abstract void Dispose();

    private protected abstract void FetchCore(Tensor host, Tensor device);

    private protected abstract void SendCore(Tensor device, Tensor host);

    private static void Check(string operation, Tensor host, Tensor device)
    {
        if (!host.Device.IsHostMemory || host.Count != device.Count || host.DType != device.DType)
        {
            throw new ShapeException(operation, nameof(host), $"in host memory, as {device}", $"{host}");
        }
    }
}
