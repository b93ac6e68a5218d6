using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

/// <summary>
/// A backend's tensors with canaries behind each, moved only through the backend's own copies, so that it serves host
/// and device memory alike.
/// </summary>
internal sealed class GuardedMemory(Backend backend, DType element = DType.Float32) : IDisposable
{
    private const int CanaryCount = 32;
    private const float Canary = -8.589935e9f;

    private readonly List<(Arena Arena, int Count)> _blocks = [];

    /// <summary>The type of activations, weights and gradients.</summary>
    public DType Element => element;

    /// <summary>A tensor of the element type that holds these values, which it must be able to hold exactly.</summary>
    public Tensor Of(double[] values, params ReadOnlySpan<int> extents) => Of(values, element, extents);

    /// <summary>An fp32 tensor, whatever the element type is: a sum, a reciprocal, an angle.</summary>
    public Tensor Floats(double[] values, params ReadOnlySpan<int> extents) => Of(values, DType.Float32, extents);

    /// <summary>A tensor of values that an operation has to overwrite or, where it accumulates, to keep.</summary>
    public Tensor Garbage(params ReadOnlySpan<int> extents) => Of(GarbageValues((int)Shape.Of(extents).Count), extents);

    /// <summary>As <see cref="Garbage"/>, of fp32.</summary>
    public Tensor GarbageFloats(params ReadOnlySpan<int> extents) => Floats(GarbageValues((int)Shape.Of(extents).Count), extents);

    /// <summary>What <see cref="Garbage"/> holds: what to add to the expectation of an accumulating operation.</summary>
    public double[] GarbageValues(int count) => Precision.Round(Numbers.Normal(count, seed: 99), element);

    public double[] Read(Tensor tensor)
    {
        if (tensor.DType == DType.Float32)
        {
            var values = new float[tensor.Count];
            backend.CopyToHost<float>(values, tensor);
            return Array.ConvertAll(values, value => (double)value);
        }

        var halves = new ushort[tensor.Count];
        backend.CopyToHost<ushort>(halves, tensor);
        return Array.ConvertAll(halves, half => (double)Precision.FromBFloat16(half));
    }

    public void AssertCanaries()
    {
        foreach (var (arena, count) in _blocks)
        {
            Assert.All(Read(arena[0])[count..], value => Assert.Equal(Canary, value));
        }
    }

    public void Dispose()
    {
        foreach (var (arena, _) in _blocks)
        {
            arena.Dispose();
        }
    }

    private Tensor Of(double[] values, DType type, ReadOnlySpan<int> extents)
    {
        var shape = Shape.Of(extents);
        Assert.Equal(shape.Count, values.Length);
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("guarded", new Shape(values.Length + CanaryCount), type));
        var arena = backend.Allocate(plan);
        var content = new float[values.Length + CanaryCount];
        Array.Fill(content, Canary);
        for (var i = 0; i < values.Length; i++)
        {
            content[i] = (float)values[i];
        }

        if (type == DType.Float32)
        {
            backend.CopyFromHost<float>(arena[0], content);
        }
        else
        {
            Assert.Equal(Precision.Round(values, type), values);
            backend.CopyFromHost<ushort>(arena[0], Array.ConvertAll(content, Precision.ToBFloat16));
        }

        _blocks.Add((arena, values.Length));
        return new Tensor(arena[0].Address, shape, type, backend.Device);
    }
}
