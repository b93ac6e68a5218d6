using Rebound.Engine;

namespace Rebound.Engine.Tests.Cpu;

/// <summary>AdamW's step on moments of bf16, as the host makes it for a device.</summary>
public sealed class AdamHalvesTests
{
    private const int Count = 40_000;

    [Fact]
    public void Moments_of_bf16_are_those_of_fp32_rounded_to_a_neighbour_and_right_on_average()
    {
        using var backend = new CpuBackend(2);
        var plan = new ArenaPlan();
        var shape = new Shape(Count);
        foreach (var name in (string[])["parameter", "gradient", "m", "v", "exact m", "exact v", "exact parameter"])
        {
            plan.Add(new TensorSpec(name, shape, name is "m" or "v" ? DType.BFloat16 : DType.Float32));
        }

        using var arena = backend.Allocate(plan);
        var random = new Random(3);
        foreach (ref var value in arena[1].AsSpan<float>())
        {
            value = (float)(1 + random.NextDouble());
        }

        var step = new AdamWStep(1e-3f, 0.9f, 0.999f, 1e-8f, 0, 1, 1, First: 64);
        backend.AdamWInHostMemory(arena[0], default, arena[1], arena[2], arena[3], step);
        backend.AdamW(arena[6], arena[1], arena[4], arena[5], step);

        Assert.Equal(arena[6].AsSpan<float>(), arena[0].AsSpan<float>());
        foreach (var (moment, exact) in new[] { (arena[2], arena[4]), (arena[3], arena[5]) })
        {
            var halves = moment.AsSpan<ushort>();
            var values = exact.AsSpan<float>();
            var (up, expected) = (0.0, 0.0);
            for (var i = 0; i < Count; i++)
            {
                var bits = BitConverter.SingleToUInt32Bits(values[i]);
                var above = halves[i] - (bits >> 16);
                Assert.InRange(above, 0u, 1u);
                (up, expected) = (up + above, expected + ((bits & 0xffff) / 65_536.0));
            }

            // A binomial's deviation is at most half the root of its trials; five of them are not met by chance.
            Assert.InRange(up, expected - (2.5 * Math.Sqrt(Count)), expected + (2.5 * Math.Sqrt(Count)));
        }
    }
}
