namespace Rebound.Engine.Tests;

public sealed class LogitStatisticsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(1023)]
    [InlineData(1025)]
    [InlineData(5003)]
    public void They_are_those_of_sorted_numbers_in_fp64(int vocabulary)
    {
        var random = new Random(vocabulary);
        // Few different values, so that there are ties.
        var logits = Enumerable.Range(0, vocabulary).Select(_ => (float)Math.Round((random.NextDouble() * 40) - 30, 1)).ToArray();
        var order = Enumerable.Range(0, vocabulary).OrderByDescending(token => logits[token]).ToArray();
        var logSumExp = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        var likeliest = new LikelyToken[Math.Min(20, vocabulary)];

        LogitStatistics.TakeLikeliest(likeliest, logits, (float)logSumExp);

        Assert.Equal(logSumExp, LogitStatistics.LogSumExp(logits), 1e-5);
        Assert.Equal(order.Take(20), likeliest.Select(likely => likely.Token));
        Assert.Equal(
            Enumerable.Range(1, vocabulary), order.Select(token => LogitStatistics.Rank(logits, token)));
        Assert.All(likeliest, likely => Assert.Equal(logits[likely.Token] - (float)logSumExp, likely.LogProbability));
    }

    [Fact]
    public void Logits_far_from_zero_neither_overflow_nor_vanish()
    {
        Assert.Equal(3e4 + Math.Log(2), LogitStatistics.LogSumExp([3e4f, 3e4f, -3e4f]), 1e-9);
        Assert.Equal(-3e4, LogitStatistics.LogSumExp([-3e4f]), 1e-9);
    }
}
