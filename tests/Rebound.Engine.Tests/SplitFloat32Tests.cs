namespace Rebound.Engine.Tests;

public sealed class SplitFloat32Tests
{
    private const uint Dither = 3;

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(Dither, 1_000_003)]
    [InlineData(uint.MaxValue, (1L << 32) - 5)]
    public void Splitting_and_joining_gives_every_finite_value_back(uint dither, long first)
    {
        float[] values = [0, -0f, 1, -1, 1.00390625f, 3.14159274f, -2.7e-5f, 1e-40f, float.Epsilon, 3.38e38f, .. Random(10_000)];
        var (upper, lower, joined) = (new ushort[values.Length], new ushort[values.Length], new float[values.Length]);
        SplitFloat32.Split(values, upper, lower, dither, first);
        SplitFloat32.Join(upper, lower, joined, dither, first);
        Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), joined.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void The_upper_half_is_one_of_the_two_bf16_around_and_a_bf16_stays_what_it_is()
    {
        var values = Random(10_000);
        var upper = Upper(values, Dither);
        for (var i = 0; i < values.Length; i++)
        {
            var below = BitConverter.SingleToUInt32Bits(values[i]) >> 16;
            Assert.InRange(upper[i], below, below + 1);
        }

        float[] exact = [.. upper.Select(half => BitConverter.UInt32BitsToSingle((uint)half << 16))];
        Assert.Equal(upper, Upper(exact, Dither + 1));
    }

    [Theory]
    [InlineData(1 / 16.0)]
    [InlineData(0.5)]
    [InlineData(15 / 16.0)]
    public void Upper_halves_are_right_on_average(double share)
    {
        // Bits above 1, of which bf16's unit is 2⁻⁷: rounding to the nearest would give all of them the same.
        const int Count = 1 << 16;
        var values = new float[Count];
        Array.Fill(values, 1 + (float)(share / 128));
        foreach (var tensor in new[] { 0u, 1u, 60u })
        {
            // Each is rounded up with the probability of the share: four deviations of their mean.
            var up = Upper(values, tensor).Count(half => half == 0x3f81) / (double)Count;
            Assert.Equal(share, up, 4 * Math.Sqrt(share * (1 - share) / Count));
        }
    }

    [Fact]
    public void Tensors_are_rounded_by_thresholds_of_their_own()
    {
        var values = new float[10_000];
        Array.Fill(values, 1 + (0.5f / 128));
        var same = Upper(values, 1).Zip(Upper(values, 2)).Count(pair => pair.First == pair.Second);
        Assert.InRange(same, 4_800, 5_200);
    }

    [Fact]
    public void A_tensor_is_split_alike_in_pieces()
    {
        var values = Random(1_000);
        var whole = Upper(values, Dither);
        foreach (var start in new[] { 1, 16, 37 })
        {
            Assert.Equal(whole[start..], Upper(values[start..], Dither, start));
        }
    }

    [Fact]
    public void Spans_of_other_lengths_are_refused() =>
        Assert.Throws<ArgumentException>(() => SplitFloat32.Split(new float[3], new ushort[3], new ushort[2], Dither, 0));

    private static ushort[] Upper(float[] values, uint dither, long first = 0)
    {
        var (upper, lower) = (new ushort[values.Length], new ushort[values.Length]);
        SplitFloat32.Split(values, upper, lower, dither, first);
        return upper;
    }

    private static float[] Random(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-20, 20)))];
    }
}
