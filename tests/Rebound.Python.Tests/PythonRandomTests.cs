using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Python.Tests;

public sealed class PythonRandomTests
{
    [Fact]
    public void Samples_are_those_of_CPython()
    {
        var rows = File.ReadLines(SharedData.Path("golden/nat/python_random_sample.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var random = new PythonRandom(row["seed"]!.GetValue<long>());
            var sample = random.Sample(row["n"]!.GetValue<int>(), row["k"]!.GetValue<int>());
            Assert.Equal(row["indices"]!.AsArray().Select(index => index!.GetValue<int>()), sample);
        }
    }

    /// <summary>Expected values by CPython 3.11: <c>random.seed(s); random.sample(range(n), k)</c>.</summary>
    [Theory]
    [InlineData(0, 5, 5, new int[] { 3, 4, 0, 1, 2 })]
    [InlineData(1, 22, 5, new int[] { 4, 18, 2, 8, 3 })]
    [InlineData(7, 85, 6, new int[] { 41, 19, 50, 6, 9, 68 })]
    [InlineData(7, 86, 6, new int[] { 41, 19, 50, 83, 6, 9 })]
    [InlineData(-3, 1000, 4, new int[] { 243, 606, 557, 133 })]
    [InlineData((1L << 40) + 5, 1000, 4, new int[] { 516, 529, 275, 679 })]
    [InlineData(42, 1, 1, new int[] { 0 })]
    [InlineData(42, 3, 0, new int[] { })]
    public void Samples_around_the_change_of_method_are_those_of_CPython(long seed, int n, int k, int[] expected) =>
        Assert.Equal(expected, new PythonRandom(seed).Sample(n, k));

    [Fact]
    public void Shuffles_are_those_of_CPython()
    {
        var items = Enumerable.Range(0, 10).ToArray();
        new PythonRandom(123).Shuffle(items.AsSpan());
        Assert.Equal([8, 7, 5, 9, 2, 3, 6, 1, 4, 0], items);
    }

    [Fact]
    public void More_than_there_are_cannot_be_sampled() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PythonRandom(42).Sample(3, 4));
}
