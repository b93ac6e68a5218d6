using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Conformance;

public abstract partial class BackendConformance
{
    /// <summary>Rows, rank, outputs, and the columns before and behind the adapter's in both matrices.</summary>
    public static TheoryData<int, int, int, int, int> LowRankCases =>
    [
        (1, 8, 24, 0, 0), (1, 4, 576, 192, 192), (3, 1, 5, 2, 1), (17, 16, 33, 7, 0), (70, 8, 64, 0, 16),
        (130, 5, 19, 3, 40), (300, 64, 48, 48, 1),
    ];

    [Theory]
    [MemberData(nameof(LowRankCases))]
    public void Linear_over_some_columns_matches_the_reference_and_leaves_the_others(int rows, int rank, int outer, int before, int behind)
    {
        var (inputWidth, outputWidth) = (before + rank + behind, behind + outer + before);
        var (input, dOutput) = (Normal(rows * inputWidth, 1), Normal(rows * outputWidth, 2));
        var weight = Normal(outer * rank, 3);
        var inputColumns = _memory.Of(input, rows, inputWidth).Columns(before, rank);
        var dOutputColumns = _memory.Of(dOutput, rows, outputWidth).Columns(behind, outer);
        var weightTensor = _memory.Of(weight, outer, rank);
        var (x, dy) = (Cut(input, inputWidth, before, rank), Cut(dOutput, outputWidth, behind, outer));
        var (dx, dw, _) = ScalarReference.LinearBackward(dy, x, weight, rank, outer);

        var output = _memory.Garbage(rows, outputWidth);
        _backend.LinearForward(output.Columns(behind, outer), inputColumns, weightTensor);
        var garbage = _memory.GarbageValues(rows * outputWidth);
        var y = ScalarReference.LinearForward(x, weight, null, rank, outer).Plus(Cut(garbage, outputWidth, behind, outer));
        AssertClose(Pasted(garbage, outputWidth, behind, y), output, rank, "output");

        var dInput = _memory.Garbage(rows, inputWidth);
        _backend.LinearBackwardInput(dInput.Columns(before, rank), dOutputColumns, weightTensor);
        AssertClose(Pasted(_memory.GarbageValues(rows * inputWidth), inputWidth, before, dx), dInput, outer, "dInput");

        var dWeight = _memory.Garbage(outer, rank);
        _backend.LinearBackwardWeight(dWeight, dOutputColumns, inputColumns);
        AssertClose(dw.Plus(_memory.GarbageValues(dw.Length)), dWeight, rows, "dWeight");
    }

    [Theory]
    [MemberData(nameof(LowRankCases))]
    public void Scale_multiplies_some_columns(int rows, int width, int outer, int before, int behind)
    {
        var all = before + width + behind;
        var tensor = _memory.Garbage(rows, all);
        _backend.Scale(tensor.Columns(before, width), outer);
        var garbage = _memory.GarbageValues(rows * all);
        AssertClose(
            Pasted(garbage, all, before, [.. Cut(garbage, all, before, width).Select(value => value * outer)]), tensor, 1, "columns");
    }

    [Fact]
    public void Operations_over_columns_refuse_other_shapes()
    {
        var (matrix, other, weight) = (_memory.Garbage(4, 6), _memory.Garbage(5, 6), _memory.Garbage(3, 2));
        var (three, two) = (matrix.Columns(3, 3), matrix.Columns(0, 2));
        AssertRefused("LinearForward", "input", () => _backend.LinearForward(three, other.Columns(0, 2), weight));
        AssertRefused("LinearForward", "weight", () => _backend.LinearForward(two, three, weight));
        AssertRefused("LinearForward", "output", () => _backend.LinearForward(new ColumnRange(matrix, 4, 3), two, weight));
        AssertRefused("LinearBackwardInput", "dOutput", () => _backend.LinearBackwardInput(two, new ColumnRange(matrix, -1, 3), weight));
        AssertRefused("LinearBackwardInput", "dInput", () => _backend.LinearBackwardInput(default, three, weight));
        AssertRefused("LinearBackwardWeight", "dWeight", () => _backend.LinearBackwardWeight(weight, two, three));
        AssertRefused("Scale", "columns", () => _backend.Scale(new ColumnRange(weight, 1, 2), 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Columns(5, 2));
    }

    [Theory]
    [MemberData(nameof(RowsAndWidths))]
    public void Dropout_matches_the_reference_and_its_backward_drops_the_same(int rows, int width)
    {
        const float Rate = 0.3f;
        const ulong Seed = 0xFEDCBA9876543210;
        var input = Normal(rows * width, 1);
        var inputTensor = _memory.Of(input, rows, width);
        var (output, added) = (_memory.Garbage(rows, width), _memory.Garbage(rows, width));
        var expected = ScalarReference.Dropout(input, width, Rate, Seed);
        _backend.Dropout(output, inputTensor, Rate, Seed);
        AssertClose(expected, output, 1, "output");
        _backend.Dropout(added, inputTensor, Rate, Seed, accumulate: true);
        AssertClose(expected.Plus(_memory.GarbageValues(input.Length)), added, 1, "output +=");

        var gradient = _memory.Of([.. input.Select(_ => 1.0)], rows, width);
        _backend.Dropout(gradient, gradient, Rate, Seed);
        Assert.Equal(_memory.Read(output).Select(value => value == 0), _memory.Read(gradient).Select(value => value == 0));
    }

    [Fact]
    public void Dropout_at_rate_zero_copies_and_refuses_other_rates_and_shapes()
    {
        var input = _memory.Garbage(5, 37);
        var output = _memory.Of(new double[5 * 37], 5, 37);
        _backend.Dropout(output, input, 0, 7);
        Assert.Equal(_memory.Read(input), _memory.Read(output));
        AssertRefused("Dropout", "output", () => _backend.Dropout(_memory.Garbage(37, 5), input, 0.1f, 7));
        foreach (var rate in new[] { -0.1f, 1, float.NaN })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => _backend.Dropout(output, input, rate, 7));
        }
    }

    private static double[] Cut(double[] matrix, int width, int first, int count) =>
        [.. matrix.Where((_, i) => i % width >= first && i % width < first + count)];

    private static double[] Pasted(double[] matrix, int width, int first, double[] columns)
    {
        var (result, count) = (matrix.ToArray(), columns.Length / (matrix.Length / width));
        for (var i = 0; i < columns.Length; i++)
        {
            result[(i / count * width) + first + (i % count)] = columns[i];
        }

        return result;
    }
}
