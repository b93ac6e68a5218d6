using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rebound.Engine.Cpu;

/// <summary>
/// Copies slices of a matrix into panels [depth, width] that <see cref="GemmTile{TVector,TLanes}"/> reads from front to
/// back. A panel's lines are the rows of A or the columns of B; lines that the matrix lacks are zeros.
/// </summary>
internal static unsafe class GemmPacking
{
    /// <summary>Packs lines that run along the depth in memory: a transposition.</summary>
    /// <param name="source">Element (line, k) at <c>source[line · stride + k]</c>.</param>
    /// <param name="lines">1 to <paramref name="width"/> lines that exist.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackAlongDepth(float* source, nint stride, int lines, int depth, float* panel, int width)
    {
        var inFours = lines & ~3;
        var inSixteens = Avx512F.IsSupported ? depth & ~15 : 0;
        var inPieces = Sse.IsSupported ? depth & ~3 : 0;

        // Sixteen lines fill whole cache lines of the panel, and are as many streams as the hardware follows.
        for (var first = 0; first < inFours; first += 16)
        {
            var end = Math.Min(first + 16, inFours);
            var k = 0;
            for (; k < inSixteens; k += 16)
            {
                PrefetchPanel(panel + ((nint)(k + 32) * width) + first, width);
                for (var line = first; line < end; line += 4)
                {
                    Transpose4x16(source + (line * stride) + k, stride, panel + ((nint)k * width) + line, width);
                }
            }

            for (; k < inPieces; k += 4)
            {
                for (var line = first; line < end; line += 4)
                {
                    Transpose4x4(source + (line * stride) + k, stride, panel + ((nint)k * width) + line, width);
                }
            }
        }

        CopyElements(source, stride, 0, inFours, inPieces, depth, panel, width);
        CopyElements(source, stride, inFours, lines, 0, depth, panel, width);
        if (lines < width)
        {
            for (var k = 0; k < depth; k++)
            {
                new Span<float>(panel + ((nint)k * width) + lines, width - lines).Clear();
            }
        }
    }

    /// <summary>Packs lines that lie side by side in memory: at every depth a copy of consecutive elements.</summary>
    /// <param name="source">Element (line, k) at <c>source[k · stride + line]</c>.</param>
    /// <param name="lines">1 to <paramref name="width"/> lines that exist.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackAcrossDepth(float* source, nint stride, int lines, int depth, float* panel, int width)
    {
        for (var k = 0; k < depth; k++, source += stride, panel += width)
        {
            var line = 0;
            for (; line + 8 <= lines; line += 8)
            {
                Vector256.Load(source + line).Store(panel + line);
            }

            for (; line < lines; line++)
            {
                panel[line] = source[line];
            }

            for (; line < width; line++)
            {
                panel[line] = 0;
            }
        }
    }

    private static void CopyElements(
        float* source, nint stride, int fromLine, int toLine, int fromDepth, int toDepth, float* panel, int width)
    {
        for (var line = fromLine; line < toLine; line++)
        {
            for (var k = fromDepth; k < toDepth; k++)
            {
                panel[((nint)k * width) + line] = source[(line * stride) + k];
            }
        }
    }

    /// <summary>Asks for the piece of a panel that is written after the next: 16 deep and 16 lines wide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchPanel(float* piece, int width)
    {
        for (var k = 0; k < 16; k++)
        {
            Sse.Prefetch0(piece + (k * width));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4x4(float* source, nint stride, float* destination, int width)
    {
        var r0 = Vector128.Load(source);
        var r1 = Vector128.Load(source + stride);
        var r2 = Vector128.Load(source + (2 * stride));
        var r3 = Vector128.Load(source + (3 * stride));
        var (low01, low23) = (Sse.UnpackLow(r0, r1), Sse.UnpackLow(r2, r3));
        var (high01, high23) = (Sse.UnpackHigh(r0, r1), Sse.UnpackHigh(r2, r3));
        Sse.MoveLowToHigh(low01, low23).Store(destination);
        Sse.MoveHighToLow(low23, low01).Store(destination + width);
        Sse.MoveLowToHigh(high01, high23).Store(destination + (2 * width));
        Sse.MoveHighToLow(high23, high01).Store(destination + (3 * width));
    }

    /// <summary>Four transpositions of 4 × 4 at once, one in every 128-bit lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4x16(float* source, nint stride, float* destination, int width)
    {
        var r0 = Vector512.Load(source);
        var r1 = Vector512.Load(source + stride);
        var r2 = Vector512.Load(source + (2 * stride));
        var r3 = Vector512.Load(source + (3 * stride));
        for (var line = 0; line < 4; line++)
        {
            Sse.Prefetch0(source + (line * stride) + 64);
        }

        var low01 = Avx512F.UnpackLow(r0, r1).AsDouble();
        var low23 = Avx512F.UnpackLow(r2, r3).AsDouble();
        var high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        var high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        StoreLanes(Avx512F.UnpackLow(low01, low23).AsSingle(), destination, width);
        StoreLanes(Avx512F.UnpackHigh(low01, low23).AsSingle(), destination + width, width);
        StoreLanes(Avx512F.UnpackLow(high01, high23).AsSingle(), destination + (2 * width), width);
        StoreLanes(Avx512F.UnpackHigh(high01, high23).AsSingle(), destination + (3 * width), width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLanes(Vector512<float> vector, float* destination, int width)
    {
        Avx512F.ExtractVector128(vector, 0).Store(destination);
        Avx512F.ExtractVector128(vector, 1).Store(destination + (4 * width));
        Avx512F.ExtractVector128(vector, 2).Store(destination + (8 * width));
        Avx512F.ExtractVector128(vector, 3).Store(destination + (12 * width));
    }
}
