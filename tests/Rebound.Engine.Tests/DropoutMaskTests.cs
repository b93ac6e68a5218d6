namespace Rebound.Engine.Tests;

public sealed class DropoutMaskTests
{
    private const int Rows = 1000;
    private const int Width = 1000;

    /// <summary>Five standard deviations of a mean of that many independent draws.</summary>
    private static double Deviation(double rate, int draws) => 5 * Math.Sqrt(rate * (1 - rate) / draws);

    [Theory]
    [InlineData(0.05f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void The_share_that_is_dropped_is_the_rate_over_all_and_in_every_row_and_column(float rate)
    {
        var dropped = Dropped(rate, seed: 42);
        Assert.Equal(rate, Share(dropped), Deviation(rate, Rows * Width));
        for (var i = 0; i < Rows; i++)
        {
            Assert.Equal(rate, Share(dropped[i]), 1.2 * Deviation(rate, Width));
            Assert.Equal(rate, Share([.. dropped.Select(row => row[i])]), 1.2 * Deviation(rate, Rows));
        }
    }

    [Fact]
    public void Neighbours_rows_and_seeds_are_independent()
    {
        const float Rate = 0.5f;
        var (mask, other) = (Dropped(Rate, seed: 1), Dropped(Rate, seed: 2));
        bool[][] beside = [.. mask.Select(row => (bool[])[.. row.Skip(1).Zip(row, (a, b) => a == b)])];
        bool[][] below = [.. mask.Skip(1).Zip(mask, (a, b) => (bool[])[.. a.Zip(b, (x, y) => x == y)])];
        bool[][] seeds = [.. mask.Zip(other, (a, b) => (bool[])[.. a.Zip(b, (x, y) => x == y)])];
        foreach (var agreement in new[] { beside, below, seeds })
        {
            Assert.Equal(0.5, Share(agreement), Deviation(0.5, Rows * (Width - 1)));
        }
    }

    [Fact]
    public void Nothing_is_dropped_at_rate_zero() => Assert.Equal(0, Share(Dropped(0, seed: 3)));

    private static bool[][] Dropped(float rate, ulong seed) =>
    [
        .. Enumerable.Range(0, Rows).Select(row => Enumerable.Range(0, Width)
            .Select(column => !DropoutMask.Keeps(DropoutMask.RowKey(seed, row), column, DropoutMask.Threshold(rate))).ToArray()),
    ];

    private static double Share(bool[][] rows) => rows.Average(Share);

    private static double Share(bool[] values) => values.Average(value => value ? 1.0 : 0);
}
