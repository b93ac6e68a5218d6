using System.Runtime.CompilerServices;

namespace Rebound.Engine.Cpu;

/// <summary>
/// AdamW's step where the parameter is in two halves, or gradient or moments are bf16: pieces are widened, stepped in fp32 and narrowed
/// again, all within a core's cache. Moments are rounded stochastically, by the same noise as in <c>adamw.cu</c>.
/// </summary>
internal unsafe struct AdamHalvesKernel : IVectorKernel
{
    /// <summary>Elements of a piece: four lists of it are on the stack.</summary>
    private const int PieceElements = 2048;

    public void* Parameter;
    public ushort* Lower;
    public void* Gradient;
    public void* First;
    public void* Second;
    public bool HasHalfGradient;
    public bool HasHalfMoments;
    public nint Count;
    public AdamWStep Step;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        var memory = stackalloc float[4 * PieceElements];
        var stop = Math.Min(Count, (nint)end * Rows.BlockElements);
        for (var i = (nint)start * Rows.BlockElements; i < stop; i += PieceElements)
        {
            RunPiece<V>(i, (int)Math.Min(PieceElements, stop - i), memory);
        }
    }

    private readonly void RunPiece<V>(nint i, int count, float* memory)
        where V : unmanaged, IFloat32Vector<V>
    {
        var parameter = memory;
        var gradient = memory + PieceElements;
        var first = memory + (2 * PieceElements);
        var second = memory + (3 * PieceElements);
        var index = Step.First + i;
        if (Lower is null)
        {
            parameter = (float*)Parameter + i;
        }
        else
        {
            SplitFloat32.Join(Halves(Parameter, i, count), new(Lower + i, count), new(parameter, count), Step.Dither, index);
        }

        gradient = HasHalfGradient ? Widened(Halves(Gradient, i, count), gradient) : (float*)Gradient + i;
        first = HasHalfMoments ? Widened(Halves(First, i, count), first) : (float*)First + i;
        second = HasHalfMoments ? Widened(Halves(Second, i, count), second) : (float*)Second + i;
        new AdamKernel(parameter, gradient, first, second, count, Step).Run<V>(0, 1);
        if (Lower is not null)
        {
            SplitFloat32.Split(new(parameter, count), Halves(Parameter, i, count), new(Lower + i, count), Step.Dither, index);
        }

        if (HasHalfMoments)
        {
            Narrow(first, Halves(First, i, count), 2 * (uint)Step.Step, index);
            Narrow(second, Halves(Second, i, count), (2 * (uint)Step.Step) + 1, index);
        }
    }

    private static Span<ushort> Halves(void* halves, nint i, int count) => new((ushort*)halves + i, count);

    private static float* Widened(ReadOnlySpan<ushort> halves, float* values)
    {
        for (var i = 0; i < halves.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }

        return values;
    }

    private static void Narrow(float* values, Span<ushort> halves, uint seed, long index)
    {
        for (var i = 0; i < halves.Length; i++)
        {
            var place = index + i;
            var noise = SplitFloat32.Mix((uint)place ^ SplitFloat32.Mix(seed + (uint)(place >> 32))) & 0xffff;
            halves[i] = (ushort)((BitConverter.SingleToUInt32Bits(values[i]) + noise) >> 16);
        }
    }
}
