using System.Runtime.Intrinsics.X86;
using Rebound.Engine.Cpu;

namespace Rebound.Engine.Tests.Cpu;

public sealed unsafe class ExponentialTests
{
    [Fact]
    public void One_lane_is_within_an_ulp() => CheckRange<Float32x1>();

    [Fact]
    public void Four_lanes_are_within_an_ulp() => CheckRange<Float32x4>();

    [Fact]
    public void Eight_lanes_are_within_an_ulp() => CheckRange<Float32x8>();

    [Fact]
    public void Sixteen_lanes_are_within_an_ulp()
    {
        Assert.SkipUnless(Avx512F.IsSupported, "This processor has no AVX-512, or it is switched off.");
        CheckRange<Float32x16>();
    }

    private static void CheckRange<V>()
        where V : unmanaged, IFloat32Vector<V>
    {
        float[] special = [0, -0f, 1, -1, 88.72283f, 88.72284f, 89, 1e30f, float.PositiveInfinity, -87.33655f, -103.27f, -103.98f, -104,
            -1e30f, float.NegativeInfinity];
        foreach (var x in special)
        {
            CheckOne<V>(x);
        }

        for (var x = -105.0; x < 90; x += 0.00037)
        {
            CheckOne<V>((float)x);
        }

        Assert.True(float.IsNaN(Evaluate<V>(float.NaN)));
    }

    /// <summary>Within one spacing of fp32 at the exact value, which is constant among the subnormal numbers.</summary>
    private static void CheckOne<V>(float x)
        where V : unmanaged, IFloat32Vector<V>
    {
        var exact = Math.Exp(x);
        var actual = Evaluate<V>(x);
        if (exact >= float.MaxValue || exact == 0)
        {
            Assert.Equal((float)exact, actual);
            return;
        }

        var spacing = (double)MathF.BitIncrement((float)exact) - (float)exact;
        if (!(Math.Abs(exact - actual) <= spacing))
        {
            Assert.Fail($"exp({x:g9}) is {actual:g9} instead of {exact:g9}.");
        }
    }

    /// <summary>The function of a vector whose lanes all hold x, which must agree.</summary>
    private static float Evaluate<V>(float x)
        where V : unmanaged, IFloat32Vector<V>
    {
        var lanes = stackalloc float[V.Count];
        Exponential.Of(V.Of(x)).Store(lanes);
        for (var i = 1; i < V.Count; i++)
        {
            Assert.Equal(lanes[0], lanes[i]);
        }

        return lanes[0];
    }
}
