using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>The exponential function in fp32, within one unit in the last place over all of its range.</summary>
internal static class Exponential
{
    // e^89 is above and e^-104 below what fp32 can hold, so clamping between them changes no result.
    private const float Highest = 89f;
    private const float Lowest = -104f;

    private const float BinaryLogarithmOfE = 1.44269504f;

    // ln 2 in two parts; the first has 15 bits, so that its product with a whole number below 256 is exact.
    private const float LnTwoHigh = 0.693145752f;
    private const float LnTwoLow = 1.42860682e-6f;

    /// <summary>
    /// <c>e^x = 2^n · e^r</c> with <c>n = round(x / ln 2)</c> and <c>|r| ≤ ln 2 / 2</c>, where
    /// <c>e^r = 1 + r + r²·g(r)</c> with the minimax polynomial of degree 4 for g (Remez exchange, weighted for the
    /// relative error of e^r, which it keeps under 2⁻²⁸). Infinite above the range, zero below it; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V>(V x)
        where V : unmanaged, IFloat32Vector<V>
    {
        x = V.Max(V.Of(Lowest), V.Min(V.Of(Highest), x));
        var n = V.Round(x * V.Of(BinaryLogarithmOfE));
        var r = V.MultiplyAdd(n, V.Of(-LnTwoHigh), x);
        r = V.MultiplyAdd(n, V.Of(-LnTwoLow), r);
        var g = V.Of(0.00138144591f);
        g = V.MultiplyAdd(g, r, V.Of(0.00836878084f));
        g = V.MultiplyAdd(g, r, V.Of(0.0416683927f));
        g = V.MultiplyAdd(g, r, V.Of(0.166665196f));
        g = V.MultiplyAdd(g, r, V.Of(0.49999994f));
        return V.Scale(V.MultiplyAdd(r * r, g, r) + V.Of(1), n);
    }

    /// <summary><c>1 / (1 + e^−x)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x)
        where V : unmanaged, IFloat32Vector<V> => V.Of(1) / (V.Of(1) + Of(V.Of(0) - x));
}
