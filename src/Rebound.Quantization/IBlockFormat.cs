namespace Rebound.Quantization;

/// <summary>
/// How the values of a type lie in its blocks, and how they are widened in registers: in sections, by runs of 16 values, so that where
/// a run lies in its section says which instructions its codes take. Blocks of less than 32 values are taken 32 values together.
/// </summary>
internal unsafe interface IBlockFormat
{
    /// <summary>Values of a run.</summary>
    const int RunValues = 16;

    /// <summary>Values of two runs, for which <see cref="Scales"/> is asked once.</summary>
    const int GroupValues = 32;

    /// <summary>Scales of a block that <see cref="Prepare"/> may write.</summary>
    const int MostScales = 16;

    /// <summary>Room for them, and for 256 codes of a byte after them.</summary>
    const int ScratchFloats = MostScales + (256 / sizeof(float));

    /// <summary>Values of a block.</summary>
    static abstract int Values { get; }

    /// <summary>Bytes of a block.</summary>
    static abstract int Bytes { get; }

    /// <summary>
    /// Reads the scales of a block whose groups have some of their own, and its codes where many are unpacked at once; nothing of others.
    /// </summary>
    /// <param name="scratch">[<see cref="ScratchFloats"/>], =.</param>
    /// <param name="halves">Every fp16 as fp32 (<see cref="Packing.Halves"/>).</param>
    /// <returns>Where <see cref="Scales"/> and <see cref="Run"/> read: the block, or its codes.</returns>
    static abstract byte* Prepare(byte* block, float* scratch, float* halves);

    /// <summary>The scales of a group, as <see cref="Run"/> needs them.</summary>
    /// <param name="source">By <see cref="Prepare"/>.</param>
    /// <param name="scales">What <see cref="Prepare"/> wrote.</param>
    /// <param name="halves">Every fp16 as fp32 (<see cref="Packing.Halves"/>).</param>
    static abstract (TVector First, TVector Second) Scales<TVector, TLanes>(byte* source, int group, float* scales, float* halves)
        where TVector : struct
        where TLanes : ILanes<TVector>;

    /// <summary>Values of a run as fp32, exactly as ggml widens them: every operation rounds.</summary>
    /// <param name="source">By <see cref="Prepare"/>.</param>
    /// <param name="run">The run in its section, a constant.</param>
    /// <param name="lane">The first of the run's values.</param>
    /// <param name="first">By <see cref="Scales"/>.</param>
    /// <param name="second">By <see cref="Scales"/>.</param>
    static abstract TVector Run<TVector, TLanes>(byte* source, int section, int run, int lane, TVector first, TVector second)
        where TVector : struct
        where TLanes : ILanes<TVector>;

    /// <summary>fp32 to whole blocks.</summary>
    static abstract void Write(ReadOnlySpan<float> values, Span<byte> blocks);
}
