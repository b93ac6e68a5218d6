using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rebound.Engine.Cpu;

/// <summary>
/// <c>output = input · keep · factor</c> over rows, or <c>output +=</c> the same. Masks are hashed eight columns at a time
/// where there are vectors of 256 bits, the rest of a row by <see cref="DropoutMask.Keeps"/>, which is the definition.
/// </summary>
internal unsafe struct DropoutKernel : IVectorKernel
{
    public float* Output;
    public float* Input;
    public int Width;
    public ulong Seed;
    public uint Threshold;
    public float Factor;
    public bool Accumulate;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var row = start; row < end; row++)
        {
            var input = Input + ((nint)row * Width);
            var output = Output + ((nint)row * Width);
            var key = DropoutMask.RowKey(Seed, row);
            var column = V.Count >= Vector256<float>.Count ? RunVectors(output, input, key) : 0;
            for (; column < Width; column++)
            {
                var kept = DropoutMask.Keeps(key, column, Threshold) ? input[column] * Factor : 0;
                output[column] = Accumulate ? output[column] + kept : kept;
            }
        }
    }

    /// <returns>The first column that is left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int RunVectors(float* output, float* input, uint key)
    {
        var counter = Vector256.Create(key) + (Vector256<uint>.Indices * DropoutMask.ColumnStep);
        var step = Vector256.Create(unchecked((uint)Vector256<uint>.Count * DropoutMask.ColumnStep));
        var (threshold, factor) = (Vector256.Create(Threshold), Vector256.Create(Factor));
        var column = 0;
        for (; column + Vector256<float>.Count <= Width; column += Vector256<float>.Count, counter += step)
        {
            var x = (counter ^ (counter >>> 16)) * 0x7FEB352Du;
            x = (x ^ (x >>> 15)) * 0x846CA68Bu;
            var keep = Vector256.GreaterThanOrEqual(x ^ (x >>> 16), threshold).AsSingle();
            var kept = (Vector256.Load(input + column) * factor) & keep;
            (Accumulate ? Vector256.Load(output + column) + kept : kept).Store(output + column);
        }

        return column;
    }
}
