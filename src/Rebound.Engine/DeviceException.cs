namespace Rebound.Engine;

/// <summary>A tensor given to an operation lies in memory that the operation does not reach.</summary>
public sealed class DeviceException : ArgumentException
{
    public DeviceException(string operation, string tensor, string expected, string actual)
        : base($"{operation}: {tensor} must be in {expected}, but is in {actual}; CopyToHost and CopyFromHost move it.")
    {
        Operation = operation;
        Tensor = tensor;
        Expected = expected;
        Actual = actual;
    }

    public string Operation { get; }

    public string Tensor { get; }

    public string Expected { get; }

    public string Actual { get; }
}
