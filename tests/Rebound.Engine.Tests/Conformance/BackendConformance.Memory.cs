using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(100_003)]
    public void Fill_sets_every_element(int count)
    {
        var tensor = _memory.Garbage(count);
        _backend.Fill(tensor, -2.5f);
        Assert.All(_memory.Read(tensor), value => Assert.Equal(-2.5, value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(100_003)]
    public void Add_accumulates(int count)
    {
        var source = Normal(count, 1);
        var destination = _memory.Garbage(count);
        _backend.Add(destination, _memory.Of(source, count));
        AssertClose(_memory.GarbageValues(count).Plus(source), destination, 1, "destination");
    }

    [Fact]
    public void Add_refuses_another_shape() =>
        AssertRefused("Add", "source", () => _backend.Add(_memory.Garbage(2, 3), _memory.Garbage(3, 2)));

    [Fact]
    public void Copies_refuse_another_count()
    {
        AssertRefused("CopyFromHost", "destination", () => _backend.CopyFromHost<float>(_memory.Garbage(3), new float[4]));
        AssertRefused("CopyToHost", "source", () => _backend.CopyToHost(new float[4], _memory.Garbage(3)));
    }

    [Fact]
    public void A_tensor_of_another_device_is_refused_by_name_wherever_it_stands()
    {
        var (own, other) = (_memory.Garbage(2, 3), Elsewhere(_memory.Garbage(2, 3)));
        var pages = new KeyValuePages(_memory.Garbage(1, 1, 64, 4), Elsewhere(_memory.Garbage(1, 1, 64, 4)));
        AssertElsewhere("Fill", "tensor", () => _backend.Fill(other, 1));
        AssertElsewhere("Add", "source", () => _backend.Add(own, other));
        AssertElsewhere("LinearForward", "weight", () => _backend.LinearForward(_memory.Garbage(2, 2), own, other, default));
        AssertElsewhere("Scale", "columns", () => _backend.Scale(other.Columns(0, 1), 2));
        AssertElsewhere("SumOfSquares", "tensor", () => _backend.SumOfSquares([own, other]));
        AssertElsewhere("CopyFromHost", "destination", () => _backend.CopyFromHost<float>(other, new float[6]));
        AssertElsewhere("CopyToHost", "source", () => _backend.CopyToHost(new float[6], other));
        AssertElsewhere("CacheAppend", "cache.Values", () => _backend.CacheAppend(
            pages, _memory.Garbage(1, 3, 4), On(Numbers.Batch([1]), new PageTable([[0]])), new AttentionShape(1, 1, 4, 1)));
    }

    [Fact]
    public void An_arena_starts_at_zero()
    {
        var plan = new ArenaPlan();
        var index = plan.Add(new TensorSpec("x", new Shape(1000)));
        using var arena = _backend.Allocate(plan);
        Assert.All(_memory.Read(arena[index]), value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(65_537)]
    [InlineData(400_000)]
    public void Sum_of_squares_is_exact_to_fp64(int count)
    {
        var values = Normal(count, 1);
        var expected = values.Sum(value => value * value);
        var tensor = _memory.Of(values, count);
        var sum = _backend.SumOfSquares(tensor);
        Assert.Equal(expected, sum, expected * count * 1e-16);
        Assert.Equal(sum, _backend.SumOfSquares(tensor));
    }

    /// <summary>The same memory, said to be that of another GPU.</summary>
    private static Tensor Elsewhere(Tensor tensor) => new(tensor.Address, tensor.Shape, tensor.DType, new Device("GPU 9, elsewhere"));

    private void AssertElsewhere(string operation, string tensor, Action call)
    {
        var exception = Assert.Throws<DeviceException>(call);
        Assert.Equal(
            $"{operation}: {tensor} must be in {_backend.Device}, but is in GPU 9, elsewhere; CopyToHost and CopyFromHost move it.",
            exception.Message);
        Assert.Equal((operation, tensor), (exception.Operation, exception.Tensor));
    }
}
