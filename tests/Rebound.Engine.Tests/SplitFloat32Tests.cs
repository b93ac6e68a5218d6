namespace Rebound.Engine.Tests;

public sealed class SplitFloat32Tests
{
    [Fact]
    public void Splitting_and_joining_gives_every_finite_value_back()
    {
        float[] values = [0, -0f, 1, -1, 1.00390625f, 3.14159274f, -2.7e-5f, 1e-40f, float.Epsilon, 3.38e38f, .. Random(10_000)];
        var (upper, lower, joined) = (new ushort[values.Length], new ushort[values.Length], new float[values.Length]);
        SplitFloat32.Split(values, upper, lower);
        SplitFloat32.Join(upper, lower, joined);
        Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), joined.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void The_upper_half_is_the_nearest_bf16()
    {
        var values = Random(10_000);
        var (upper, lower) = (new ushort[values.Length], new ushort[values.Length]);
        SplitFloat32.Split(values, upper, lower);
        for (var i = 0; i < values.Length; i++)
        {
            var rounded = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
            Assert.True(MathF.Abs(rounded - values[i]) <= MathF.Abs(values[i]) / 256, $"{values[i]:g9} became {rounded:g9}.");
        }
    }

    [Fact]
    public void Spans_of_other_lengths_are_refused() =>
        Assert.Throws<ArgumentException>(() => SplitFloat32.Split(new float[3], new ushort[3], new ushort[2]));

    private static float[] Random(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-20, 20)))];
    }
}
