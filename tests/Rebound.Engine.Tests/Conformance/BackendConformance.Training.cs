using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    public static TheoryData<int[], int, int> HeadCases =>
        new() { { [2], 8, 5 }, { [17, 1, 33, 5], 33, 70 }, { [300, 120], 24, 300 }, { [40], 16, 1001 } };

    [Theory]
    [MemberData(nameof(HeadCases))]
    public void Cross_entropy_head_matches_the_reference(int[] lengths, int width, int vocabulary)
    {
        const float Scale = 0.03125f;
        var batch = Numbers.Batch(lengths, vocabulary);
        var supervised = batch.SupervisedRows.Length;
        var (hidden, weight) = (Normal(supervised * width, 1), Normal(vocabulary * width, 2));
        var (hiddenTensor, weightTensor) = (_memory.Of(hidden, supervised, width), _memory.Of(weight, vocabulary, width));
        var scratch = _memory.GarbageFloats(_backend.CrossEntropyHeadScratch(supervised, vocabulary));
        var (losses, dHidden, dWeight) = (_memory.GarbageFloats(supervised), _memory.Garbage(supervised, width),
            _memory.Garbage(vocabulary, width));
        _backend.CrossEntropyHead(losses, dHidden, dWeight, hiddenTensor, weightTensor, On(batch), scratch, Scale);
        var expected = ScalarReference.CrossEntropyHead(hidden, weight, batch, width, Scale);
        AssertClose(expected.Losses, losses, width + vocabulary, "losses");
        AssertClose(expected.DHidden, dHidden, width + vocabulary, "dHidden");
        AssertClose(expected.DWeight.Plus(_memory.GarbageValues(weight.Length)), dWeight, width + supervised, "dWeight");

        var (frozen, alone) = (_memory.Garbage(supervised, width), _memory.GarbageFloats(supervised));
        _backend.CrossEntropyHead(losses, frozen, default, hiddenTensor, weightTensor, On(batch), scratch, Scale);
        Assert.Equal(_memory.Read(dHidden), _memory.Read(frozen));
        _backend.CrossEntropyHead(alone, default, default, hiddenTensor, weightTensor, On(batch), scratch, Scale);
        AssertClose(expected.Losses, alone, width + vocabulary, "losses of the forward alone");
    }

    [Theory]
    [MemberData(nameof(HeadCases))]
    public void Cross_entropy_head_weighs_the_gradients_of_rows(int[] lengths, int width, int vocabulary)
    {
        const float Scale = 0.5f;
        var batch = Numbers.Batch(lengths, vocabulary);
        var supervised = batch.SupervisedRows.Length;
        var (hidden, weight) = (Normal(supervised * width, 1), Normal(vocabulary * width, 2));
        var (hiddenTensor, weightTensor) = (_memory.Of(hidden, supervised, width), _memory.Of(weight, vocabulary, width));
        double[] rowWeights = [.. Enumerable.Range(0, supervised).Select(row => ((row % 5) - 2) * 0.25)];
        var scratch = _memory.GarbageFloats(_backend.CrossEntropyHeadScratch(supervised, vocabulary));
        var (losses, dHidden, dWeight) = (_memory.GarbageFloats(supervised), _memory.Garbage(supervised, width),
            _memory.Garbage(vocabulary, width));
        var weights = _memory.Floats(rowWeights, supervised);
        _backend.CrossEntropyHead(losses, dHidden, dWeight, hiddenTensor, weightTensor, On(batch), scratch, Scale, weights);
        var expected = ScalarReference.CrossEntropyHead(hidden, weight, batch, width, Scale, rowWeights);
        AssertClose(expected.Losses, losses, width + vocabulary, "losses");
        AssertClose(expected.DHidden, dHidden, width + vocabulary, "dHidden");
        AssertClose(expected.DWeight.Plus(_memory.GarbageValues(weight.Length)), dWeight, width + supervised, "dWeight");
        AssertRefused("CrossEntropyHead", "rowWeights", () => _backend.CrossEntropyHead(
            losses, dHidden, dWeight, hiddenTensor, weightTensor, On(batch), scratch, Scale, _memory.GarbageFloats(supervised + 1)));
    }

    [Fact]
    public void Cross_entropy_head_of_no_supervised_row_writes_nothing()
    {
        var batch = new PackedBatch([1, 2], [0, 2]);
        var dWeight = _memory.Garbage(4, 3);
        var scratch = _memory.GarbageFloats(_backend.CrossEntropyHeadScratch(0, 4));
        _backend.CrossEntropyHead(
            _memory.GarbageFloats(0), _memory.Garbage(0, 3), dWeight, _memory.Garbage(0, 3), _memory.Garbage(4, 3), On(batch), scratch, 1);
        Assert.Equal(_memory.GarbageValues(12), _memory.Read(dWeight));
    }

    [Fact]
    public void Cross_entropy_head_of_huge_logits_does_not_overflow()
    {
        var batch = new PackedBatch([0, 1], [0, 2], [-100, 1]);
        var scratch = _memory.GarbageFloats(_backend.CrossEntropyHeadScratch(1, 3));
        var (losses, dHidden, dWeight) = (_memory.GarbageFloats(1), _memory.Garbage(1, 2), _memory.Of(new double[6], 3, 2));
        var weight = _memory.Of([1024, 0, 2048, 0, -4096, 0], 3, 2);
        _backend.CrossEntropyHead(losses, dHidden, dWeight, _memory.Of([1, 0], 1, 2), weight, On(batch), scratch, 1);
        Assert.Equal([0], _memory.Read(losses));
        Assert.All(_memory.Read(dWeight), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Cross_entropy_head_refuses_other_shapes()
    {
        var batch = Numbers.Batch([5], 7);
        var count = batch.SupervisedRows.Length;
        var size = _backend.CrossEntropyHeadScratch(count, 7);
        var (losses, hidden, weight, scratch) = (_memory.GarbageFloats(count), _memory.Garbage(count, 3), _memory.Garbage(7, 3),
            _memory.GarbageFloats(size));
        AssertRefused("CrossEntropyHead", "losses",
            () => _backend.CrossEntropyHead(_memory.GarbageFloats(count + 1), hidden, weight, hidden, weight, On(batch), scratch, 1));
        AssertRefused("CrossEntropyHead", "scratch",
            () => _backend.CrossEntropyHead(losses, hidden, weight, hidden, weight, On(batch), _memory.GarbageFloats(size - 1), 1));
        AssertRefused("CrossEntropyHead", "dWeight",
            () => _backend.CrossEntropyHead(losses, default, weight, hidden, weight, On(batch), scratch, 1));
        Assert.Throws<ArgumentException>(() => _backend.CrossEntropyHead(
            losses, hidden, default, hidden, _memory.Garbage(2, 3), On(batch), scratch, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(40_001)]
    public void AdamW_matches_the_formula(int count)
    {
        var (parameter, first, second) = (Numbers.Normal(count, 1), new double[count], new double[count]);
        var (parameterTensor, firstTensor, secondTensor) = (_memory.Floats(parameter, count), _memory.Floats(first, count),
            _memory.Floats(second, count));
        var start = (double[])parameter.Clone();
        for (var step = 1; step <= 4; step++)
        {
            var gradient = Normal(count, 10 + step, deviation: 0.01);
            var numbers = new AdamWStep(0.01f, 0.9f, 0.95f, 1e-8f, 0.1f, step, 0.5f);
            var gradientTensor = _memory.Of(gradient, count);
            ScalarReference.AdamW(parameter, gradient, first, second, numbers);
            _backend.AdamW(parameterTensor, gradientTensor, firstTensor, secondTensor, numbers);
            Assert.Equal(gradient, _memory.Read(gradientTensor));
        }

        // A few roundings a step, relative to the parameters and moments themselves.
        AssertClose(parameter, parameterTensor, 4, "parameter");
        AssertClose(first, firstTensor, 4, "firstMoment");
        AssertClose(second, secondTensor, 4, "secondMoment");
        Assert.NotEqual(start, parameter);
    }

    [Fact]
    public void AdamW_refuses_other_shapes_and_a_step_zero()
    {
        var (a, b) = (_memory.GarbageFloats(4), _memory.GarbageFloats(5));
        var step = new AdamWStep(0.1f, 0.9f, 0.95f, 1e-8f, 0, 1, 1);
        AssertRefused("AdamW", "gradient", () => _backend.AdamW(a, b, a, a, step));
        AssertRefused("AdamW", "secondMoment", () => _backend.AdamW(a, a, a, b, step));
        Assert.Throws<ArgumentOutOfRangeException>(() => _backend.AdamW(a, a, a, a, step with { Step = 0 }));
    }
}
