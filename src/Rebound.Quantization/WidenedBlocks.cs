using System.Runtime.CompilerServices;

namespace Rebound.Quantization;

/// <summary>
/// The products of a type, for one width of vectors. Sections of blocks of 256 values have four groups, others one. That, and whether a run
/// is one vector, is asked of types, so that the JIT knows it before it inlines: what it inlined first and dropped then would use up
/// what it inlines at most.
/// </summary>
internal sealed unsafe class WidenedBlocks<TFormat, TVector, TLanes> : WidenedProducts
    where TFormat : struct, IBlockFormat
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    public static readonly WidenedBlocks<TFormat, TVector, TLanes> Instance = new();

    private const int Run = IBlockFormat.RunValues;

    /// <summary>Values that a step over a row takes: a block, or as many as make up a group.</summary>
    private static int StepValues
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.Values > IBlockFormat.GroupValues ? TFormat.Values : IBlockFormat.GroupValues;
    }

    private static int StepBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => StepValues / TFormat.Values * TFormat.Bytes;
    }

    /// <summary>Values of a section.</summary>
    private static int SectionValues
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => default(TFormat) is ISuperBlock ? 4 * IBlockFormat.GroupValues : IBlockFormat.GroupValues;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public override void OneRow(float* x, byte* line0, byte* line1, int depth, float* sums)
    {
        var halves = Packing.Halves;
        var scales0 = stackalloc float[2 * IBlockFormat.ScratchFloats];
        var scales1 = scales0 + IBlockFormat.ScratchFloats;
        TVector s0 = TLanes.Broadcast(0), s1 = s0;
        for (; depth >= StepValues; depth -= StepValues, line0 += StepBytes, line1 += StepBytes)
        {
            Prefetch(line0);
            Prefetch(line1);
            byte* source0 = TFormat.Prepare(line0, scales0, halves), source1 = TFormat.Prepare(line1, scales1, halves);
            for (var section = 0; section < StepValues / SectionValues; section++, x += SectionValues)
            {
                s0 = Section(s0, x, source0, section, scales0, halves);
                s1 = Section(s1, x, source1, section, scales1, halves);
            }
        }

        (sums[0], sums[1]) = depth == 0 ? (TLanes.Sum(s0), TLanes.Sum(s1)) : (Rest(s0, x, line0, depth), Rest(s1, x, line1, depth));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public override void FourRows(float* x0, float* x1, float* x2, float* x3, byte* line, int depth, float* sums)
    {
        var halves = Packing.Halves;
        var scales = stackalloc float[IBlockFormat.ScratchFloats];
        TVector s0 = TLanes.Broadcast(0), s1 = s0, s2 = s0, s3 = s0;
        nint k = 0;
        for (; depth >= StepValues; depth -= StepValues, line += StepBytes)
        {
            Prefetch(line);
            var source = TFormat.Prepare(line, scales, halves);
            for (var section = 0; section < StepValues / SectionValues; section++, k += SectionValues)
            {
                Group(0, k, x0, x1, x2, x3, source, section, scales, halves, ref s0, ref s1, ref s2, ref s3);
                if (default(TFormat) is ISuperBlock)
                {
                    Group(1, k, x0, x1, x2, x3, source, section, scales, halves, ref s0, ref s1, ref s2, ref s3);
                    Group(2, k, x0, x1, x2, x3, source, section, scales, halves, ref s0, ref s1, ref s2, ref s3);
                    Group(3, k, x0, x1, x2, x3, source, section, scales, halves, ref s0, ref s1, ref s2, ref s3);
                }
            }
        }

        (sums[0], sums[1], sums[2], sums[3]) = depth == 0
            ? (TLanes.Sum(s0), TLanes.Sum(s1), TLanes.Sum(s2), TLanes.Sum(s3))
            : (Rest(s0, x0 + k, line, depth), Rest(s1, x1 + k, line, depth), Rest(s2, x2 + k, line, depth), Rest(s3, x3 + k, line, depth));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public override void Widen(byte* blocks, nint count, float* values)
    {
        var halves = Packing.Halves;
        var scales = stackalloc float[IBlockFormat.ScratchFloats];
        for (; count >= StepValues; count -= StepValues, blocks += StepBytes)
        {
            Prefetch(blocks);
            var source = TFormat.Prepare(blocks, scales, halves);
            for (var section = 0; section < StepValues / SectionValues; section++, values += SectionValues)
            {
                StoreGroup(0, source, section, scales, halves, values);
                if (default(TFormat) is ISuperBlock)
                {
                    StoreGroup(1, source, section, scales, halves, values);
                    StoreGroup(2, source, section, scales, halves, values);
                    StoreGroup(3, source, section, scales, halves, values);
                }
            }
        }

        for (; count > 0; count--, blocks += TFormat.Bytes)
        {
            *values++ = One(blocks);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* block)
    {
        for (var line = 0; line < StepBytes; line += Packing.LineBytes)
        {
            Packing.Prefetch(block + line);
        }
    }

    /// <summary>Ends a sum with what is left of a row whose type has blocks of one value.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Rest(TVector lanes, float* x, byte* line, int depth)
    {
        for (; depth >= TLanes.Count; depth -= TLanes.Count, x += TLanes.Count, line += TLanes.Count * TFormat.Bytes)
        {
            lanes = TLanes.MultiplyAdd(TLanes.Load(x), TFormat.Run<TVector, TLanes>(line, 0, 0, 0, default, default), lanes);
        }

        var sum = TLanes.Sum(lanes);
        for (; depth > 0; depth--, line += TFormat.Bytes)
        {
            sum += *x++ * One(line);
        }

        return sum;
    }

    /// <summary>The first value of a type whose blocks are of one.</summary>
    private static float One(byte* line) => TFormat.Run<float, Lanes1>(line, 0, 0, 0, default, default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Section(TVector sum, float* x, byte* source, int section, float* scales, float* halves)
    {
        sum = Group(sum, 0, x, source, section, scales, halves);
        if (default(TFormat) is ISuperBlock)
        {
            sum = Group(sum, 1, x, source, section, scales, halves);
            sum = Group(sum, 2, x, source, section, scales, halves);
            sum = Group(sum, 3, x, source, section, scales, halves);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Group(TVector sum, int group, float* x, byte* source, int section, float* scales, float* halves)
    {
        var (first, second) = TFormat.Scales<TVector, TLanes>(source, Of(section, group), scales, halves);
        x += 2 * group * Run;
        if (Unsafe.SizeOf<TVector>() == Run * sizeof(float))
        {
            var values = TFormat.Run<TVector, TLanes>(source, section, 2 * group, 0, first, second);
            sum = TLanes.MultiplyAdd(TLanes.Load(x), values, sum);
            values = TFormat.Run<TVector, TLanes>(source, section, (2 * group) + 1, 0, first, second);
            return TLanes.MultiplyAdd(TLanes.Load(x + Run), values, sum);
        }
        else
        {
            for (var lane = 0; lane < Run; lane += TLanes.Count)
            {
                var values = TFormat.Run<TVector, TLanes>(source, section, 2 * group, lane, first, second);
                sum = TLanes.MultiplyAdd(TLanes.Load(x + lane), values, sum);
            }

            for (var lane = 0; lane < Run; lane += TLanes.Count)
            {
                var values = TFormat.Run<TVector, TLanes>(source, section, (2 * group) + 1, lane, first, second);
                sum = TLanes.MultiplyAdd(TLanes.Load(x + Run + lane), values, sum);
            }

            return sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Group(
        int group, nint k, float* x0, float* x1, float* x2, float* x3, byte* source, int section, float* scales, float* halves,
        ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        var (first, second) = TFormat.Scales<TVector, TLanes>(source, Of(section, group), scales, halves);
        k += 2 * group * Run;
        if (Unsafe.SizeOf<TVector>() == Run * sizeof(float))
        {
            var values = TFormat.Run<TVector, TLanes>(source, section, 2 * group, 0, first, second);
            Add(values, x0 + k, x1 + k, x2 + k, x3 + k, ref s0, ref s1, ref s2, ref s3);
            values = TFormat.Run<TVector, TLanes>(source, section, (2 * group) + 1, 0, first, second);
            Add(values, x0 + k + Run, x1 + k + Run, x2 + k + Run, x3 + k + Run, ref s0, ref s1, ref s2, ref s3);
        }
        else
        {
            for (var lane = 0; lane < Run; lane += TLanes.Count, k += TLanes.Count)
            {
                var values = TFormat.Run<TVector, TLanes>(source, section, 2 * group, lane, first, second);
                Add(values, x0 + k, x1 + k, x2 + k, x3 + k, ref s0, ref s1, ref s2, ref s3);
            }

            for (var lane = 0; lane < Run; lane += TLanes.Count, k += TLanes.Count)
            {
                var values = TFormat.Run<TVector, TLanes>(source, section, (2 * group) + 1, lane, first, second);
                Add(values, x0 + k, x1 + k, x2 + k, x3 + k, ref s0, ref s1, ref s2, ref s3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        TVector values, float* x0, float* x1, float* x2, float* x3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        s0 = TLanes.MultiplyAdd(TLanes.Load(x0), values, s0);
        s1 = TLanes.MultiplyAdd(TLanes.Load(x1), values, s1);
        s2 = TLanes.MultiplyAdd(TLanes.Load(x2), values, s2);
        s3 = TLanes.MultiplyAdd(TLanes.Load(x3), values, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreGroup(int group, byte* source, int section, float* scales, float* halves, float* values)
    {
        var (first, second) = TFormat.Scales<TVector, TLanes>(source, Of(section, group), scales, halves);
        values += 2 * group * Run;
        for (var lane = 0; lane < Run; lane += TLanes.Count)
        {
            TLanes.Store(TFormat.Run<TVector, TLanes>(source, section, 2 * group, lane, first, second), values + lane);
            TLanes.Store(TFormat.Run<TVector, TLanes>(source, section, (2 * group) + 1, lane, first, second), values + Run + lane);
        }
    }

    /// <summary>The group of a block that is one of a section's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Of(int section, int group) => default(TFormat) is ISuperBlock ? (4 * section) + group : group;
}
