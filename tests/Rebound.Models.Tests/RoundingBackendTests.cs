using Rebound.Engine;
using Rebound.Models.Verification;

namespace Rebound.Models.Tests;

public sealed class RoundingBackendTests
{
    private const int Count = 1 << 14;

    [Theory]
    [InlineData(8)]
    [InlineData(18)]
    public void Results_have_so_many_bits_and_are_right_on_average(int bits)
    {
        // A third of the way from one value of so many bits to the next.
        var unit = Math.Pow(2, 1 - bits);
        var values = Rounded(bits, seed: 1, (float)(1 + (unit / 3)));
        Assert.All(values, value => Assert.Equal(0, (value - 1) / unit % 1));
        Assert.Equal([1, (float)(1 + unit)], values.Distinct().Order());

        // Rounded up with a chance of a third: four deviations of their mean.
        var up = values.Count(value => value > 1) / (double)Count;
        Assert.Equal(1 / 3.0, up, 4 * Math.Sqrt(2 / 9.0 / Count));
    }

    [Fact]
    public void A_seed_is_one_draw()
    {
        Assert.Equal(Rounded(8, seed: 1, 1.001f), Rounded(8, seed: 1, 1.001f));
        Assert.NotEqual(Rounded(8, seed: 1, 1.001f), Rounded(8, seed: 2, 1.001f));
    }

    [Fact]
    public void What_is_no_number_stays_what_it_is()
    {
        Assert.Equal(float.PositiveInfinity, Rounded(8, seed: 1, float.PositiveInfinity)[0]);
        Assert.Equal(float.NaN, Rounded(8, seed: 1, float.NaN)[0]);
    }

    private static float[] Rounded(int bits, ulong seed, float value)
    {
        using var backend = new RoundingBackend(new CpuBackend(1));
        backend.Begin(bits, seed);
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("sum", new Shape(Count)));
        plan.Add(new TensorSpec("value", new Shape(Count)));
        using var arena = backend.Allocate(plan);
        backend.Fill(arena[1], value);
        backend.Add(arena[0], arena[1]);
        return arena[0].AsSpan<float>().ToArray();
    }
}
