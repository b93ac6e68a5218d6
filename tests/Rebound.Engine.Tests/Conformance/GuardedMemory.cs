using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

/// <summary>
/// A backend's tensors with canaries behind each, moved only through the backend's own copies, so that it serves host
/// and device memory alike.
/// </summary>
internal sealed class GuardedMemory(Backend backend) : IDisposable
{
    private const int CanaryCount = 32;
    private const float Canary = -8.589935e9f;

    private readonly List<(Arena Arena, int Count)> _blocks = [];

    /// <summary>A tensor that holds these values.</summary>
    public Tensor Of(double[] values, params ReadOnlySpan<int> extents)
    {
        var shape = Shape.Of(extents);
        Assert.Equal(shape.Count, values.Length);
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("guarded", new Shape(values.Length + CanaryCount)));
        var arena = backend.Allocate(plan);
        var content = new float[values.Length + CanaryCount];
        Array.Fill(content, Canary);
        for (var i = 0; i < values.Length; i++)
        {
            content[i] = (float)values[i];
        }

        backend.CopyFromHost<float>(arena[0], content);
        _blocks.Add((arena, values.Length));
        return new Tensor(arena[0].Address, shape, DType.Float32);
    }

    /// <summary>A tensor of values that an operation has to overwrite or, where it accumulates, to keep.</summary>
    public Tensor Garbage(params ReadOnlySpan<int> extents) => Of(GarbageValues((int)Shape.Of(extents).Count), extents);

    /// <summary>What <see cref="Garbage"/> holds: what to add to the expectation of an accumulating operation.</summary>
    public static double[] GarbageValues(int count) => Numbers.Normal(count, seed: 99);

    public double[] Read(Tensor tensor)
    {
        var values = new float[tensor.Count];
        backend.CopyToHost<float>(values, tensor);
        return Array.ConvertAll(values, value => (double)value);
    }

    public void AssertCanaries()
    {
        foreach (var (arena, count) in _blocks)
        {
            var content = new float[count + CanaryCount];
            backend.CopyToHost<float>(content, arena[0]);
            Assert.All(content[count..], value => Assert.Equal(Canary, value));
        }
    }

    public void Dispose()
    {
        foreach (var (arena, _) in _blocks)
        {
            arena.Dispose();
        }
    }
}
