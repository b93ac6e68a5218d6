using Rebound.Models.Verification;

namespace Rebound.Models.Tests;

public sealed class VerificationTests
{
    [Fact]
    public void Differences_are_relative_to_the_largest_expected_value()
    {
        var row = VerificationRow.Compare("logits", "[3]", [1, -3.5f, 2], [1, -4, 2], 0.1);

        Assert.Equal((0.5, 0.125, false), (row.MaxAbsolute, row.MaxRelative, row.Passed));
        Assert.True(VerificationRow.Compare("logits", "[3]", [1, -3.5f, 2], [1, -4, 2], 0.125).Passed);
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(1, float.NaN)]
    [InlineData(float.PositiveInfinity, 1)]
    public void What_is_not_a_number_never_passes(float actual, float expected)
    {
        Assert.False(VerificationRow.Compare("loss", "[2]", [0, actual], [0, expected], 1e9).Passed);
        Assert.False(VerificationRow.Compare("loss", actual, expected, 1e9).Passed);
    }

    [Fact]
    public void Other_lengths_and_zeros_are_compared_soundly()
    {
        Assert.False(VerificationRow.Compare("grad", "[2]", [1], [1, 2], 1).Passed);
        Assert.True(VerificationRow.Compare("grad", "[2]", [0, 0], [0, 0], 0).Passed);
        Assert.False(VerificationRow.Compare("grad", "[2]", [0, 1], [0, 0], 0.5).Passed);
    }
}
