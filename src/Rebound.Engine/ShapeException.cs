namespace Rebound.Engine;

/// <summary>A tensor given to an operation has a shape or element type that the operation does not take.</summary>
public sealed class ShapeException : ArgumentException
{
    public ShapeException(string operation, string tensor, string expected, string actual)
        : base($"{operation}: {tensor} must be {expected}, but is {actual}.")
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
