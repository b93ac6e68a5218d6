namespace Rebound.Engine.Cuda;

/// <summary>A call into one of NVIDIA's libraries failed.</summary>
public sealed class CudaException : Exception
{
    internal CudaException(int code, string name, string call, string device, string? detail = null)
        : base($"{call} failed on {device} with {name} ({code}){(detail is null ? "" : $": {detail}")}.")
    {
        Code = code;
        Name = name;
        Call = call;
        Device = device;
    }

    /// <summary>The library's status.</summary>
    public int Code { get; }

    /// <summary>The status's name, for example <c>CUDA_ERROR_ILLEGAL_ADDRESS</c>.</summary>
    public string Name { get; }

    /// <summary>The call as it is written in the source.</summary>
    public string Call { get; }

    /// <summary>The device that was current, for example <c>GPU 0, NVIDIA H200</c>.</summary>
    public string Device { get; }
}
