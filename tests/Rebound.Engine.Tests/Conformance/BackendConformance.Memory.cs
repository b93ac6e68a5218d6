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
}
