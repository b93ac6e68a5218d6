using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

internal static class SwiGlu
{
    /// <summary><c>gate·σ·up</c>, rounded alike by forward and backward.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Output<V>(V gate, V sigmoid, V up)
        where V : unmanaged, IFloat32Vector<V> => gate * sigmoid * up;
}

/// <summary><c>output = gate·σ(gate)·up</c> over rows.</summary>
internal unsafe struct SwiGluForwardKernel : IVectorKernel
{
    public float* Output;
    public float* GateUp;
    public int Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var t = start; t < end; t++)
        {
            var gate = GateUp + ((nint)t * 2 * Width);
            var output = Output + ((nint)t * Width);
            var f = 0;
            for (; f + V.Count <= Width; f += V.Count)
            {
                Step<V>(output + f, gate + f, gate + Width + f);
            }

            for (; f < Width; f++)
            {
                Step<Float32x1>(output + f, gate + f, gate + Width + f);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<V>(float* output, float* gate, float* up)
        where V : unmanaged, IFloat32Vector<V>
    {
        var g = V.Load(gate);
        SwiGlu.Output(g, Exponential.Sigmoid(g), V.Load(up)).Store(output);
    }
}

/// <summary>
/// Of <c>output = gate·σ(gate)·up</c>: <c>dUp = dOutput·gate·σ</c>, <c>dGate = dOutput·up·σ·(1 + gate·(1 − σ))</c>.
/// </summary>
internal unsafe struct SwiGluBackwardKernel : IVectorKernel
{
    public float* DGateUp;

    /// <summary>=, or null; may be <see cref="DOutput"/> itself.</summary>
    public float* Output;

    public float* DOutput;
    public float* GateUp;
    public int Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var t = start; t < end; t++)
        {
            var gate = GateUp + ((nint)t * 2 * Width);
            var dGate = DGateUp + ((nint)t * 2 * Width);
            var dOutput = DOutput + ((nint)t * Width);
            var output = Output == null ? null : Output + ((nint)t * Width);
            var f = 0;
            for (; f + V.Count <= Width; f += V.Count)
            {
                Step<V>(dGate + f, dGate + Width + f, output == null ? null : output + f, dOutput + f, gate + f, gate + Width + f);
            }

            for (; f < Width; f++)
            {
                Step<Float32x1>(dGate + f, dGate + Width + f, output == null ? null : output + f, dOutput + f, gate + f, gate + Width + f);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<V>(float* dGate, float* dUp, float* output, float* dOutput, float* gate, float* up)
        where V : unmanaged, IFloat32Vector<V>
    {
        var (g, u, d) = (V.Load(gate), V.Load(up), V.Load(dOutput));
        var sigmoid = Exponential.Sigmoid(g);
        var weighted = d * sigmoid;
        (weighted * u * V.MultiplyAdd(g, V.Of(1) - sigmoid, V.Of(1))).Store(dGate);
        (weighted * g).Store(dUp);
        if (output != null)
        {
            SwiGlu.Output(g, sigmoid, u).Store(output);
        }
    }
}
