using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests.Terminal;

public sealed class RecentRateTests
{
    [Fact]
    public void A_rate_is_that_of_the_last_seconds_however_often_it_is_asked_for()
    {
        var rate = new RecentRate();
        Assert.Equal(0, rate.At(TimeSpan.Zero, 0));
        Assert.Equal(100, rate.At(TimeSpan.FromSeconds(1), 100), 9);
        for (var milliseconds = 1010; milliseconds <= 20_000; milliseconds += 10)
        {
            rate.At(TimeSpan.FromMilliseconds(milliseconds), 100);
        }

        Assert.Equal(0, rate.At(TimeSpan.FromSeconds(20), 100), 9);
        Assert.Equal(10, rate.At(TimeSpan.FromSeconds(30), 200), 9);
        Assert.Equal(20, rate.At(TimeSpan.FromSeconds(40), 400), 9);
    }

    [Theory]
    [InlineData(7.46, "7.5 tokens/s")]
    [InlineData(1234.4, "1,234 tokens/s")]
    public void A_rate_is_shown_with_the_digits_that_it_needs(double rate, string expected) =>
        Assert.Equal(expected, RecentRate.Text(rate));
}
