using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    /// <summary>Counters of blocks that have arrived, one for each row and group of heads of a launch; zero between launches.</summary>
    private const int ArrivalCounters = 1 << 16;

    /// <summary>Query heads that a block holds at most: more would not fit its registers beside the loads in flight.</summary>
    private const int MostGroupHeads = 4;

    /// <summary>Threads of a warp share a key, sixteen bytes each.</summary>
    private const int MostHeadBytes = WarpThreads * 16;

    /// <summary>Floats of a split's result beside the sum of values (decode_attention.cu).</summary>
    private const int PartFloats = 4;

    /// <summary>Pages of a split where splits may not depend on the batch.</summary>
    private const int InvariantSplitPages = 4;

    /// <summary>The most scratch of a launch.</summary>
    private const long DecodeScratchBytes = 64 << 20;

    private static readonly Kernel DecodeAttentionKernel = new("decode_attention", "decode_attention", WaitsItself: true);

    /// <summary>
    /// Batches of decoding alone, and every batch where results may not depend on it, of heads that are whole 16-byte loads.
    /// </summary>
    private bool TakesDecodeKernel(KeyValuePages cache, Tensor queryKeyValue, PreparedBatch batch, AttentionShape shape) =>
        (batch.IsDecoding || _batchInvariant)
        && KernelVariant.IsWide(queryKeyValue.DType, shape.HeadDim, queryKeyValue, cache.Keys, cache.Values)
        && shape.HeadDim * queryKeyValue.DType.SizeInBytes() <= MostHeadBytes;

    /// <remarks>In one kernel for a decoding batch, whose rows attend to no other row of the batch.</remarks>
    protected override void RotaryAttentionCore(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, RotaryTable rotary, PreparedBatch batch, AttentionShape shape)
    {
        MakeCurrent();
        if (batch.IsDecoding && !_batchInvariant && TakesDecodeKernel(cache, queryKeyValue, batch, shape)
            && KernelVariant.IsWide(queryKeyValue.DType, shape.HeadDim / 2))
        {
            DecodeAttention(output, cache, queryKeyValue, (CudaBatch)batch, shape, rotary);
        }
        else
        {
            base.RotaryAttentionCore(output, cache, queryKeyValue, rotary, batch, shape);
        }
    }

    /// <summary>
    /// Attention of a block for each row, group of heads and split of the keys. Of a decoding batch the launch depends on its
    /// documents and capacity alone.
    /// </summary>
    /// <param name="rotary">Empty where queries are rotated, and keys and values in the cache, already.</param>
    private void DecodeAttention(
        Tensor output, KeyValuePages cache, Tensor queryKeyValue, CudaBatch batch, AttentionShape shape, RotaryTable rotary = default)
    {
        var (rows, sequencePages) = (batch.TokenCount, batch.Capacity.SequencePages);
        var headGroups = Blocks(shape.GroupSize, MostGroupHeads);
        var traits = rotary.Cosines.IsEmpty ? KernelTraits.None : KernelTraits.Rotates;
        var variant = Heads(queryKeyValue, shape, traits) with { Group = Blocks(shape.GroupSize, headGroups) };
        var groups = shape.KeyValueHeads * headGroups;
        var seenPages = shape.Window > 0 ? Math.Min(sequencePages, (shape.Window / PageTable.PageTokens) + 2) : sequencePages;
        var division = _batchInvariant
            ? new DecodeDivision(
                DecodeDivision.InvariantWarps,
                Math.Min(Blocks(sequencePages, InvariantSplitPages), Blocks(seenPages + InvariantSplitPages - 1, InvariantSplitPages)))
            : DecodeDivision.Of(rows * groups, seenPages, _multiprocessors);
        var splits = division.Splits;
        variant = variant with { Warps = division.Warps };
        var rowBytes = (long)groups * splits * variant.Group * (PartFloats + shape.HeadDim) * sizeof(float);
        var rowsAtOnce = (int)Math.Min(rows, Math.Clamp(DecodeScratchBytes / rowBytes, 1, ArrivalCounters / groups));
        var parts = splits == 1 ? 0 : _workspace.Reserve(rowsAtOnce * rowBytes);
        var (positions, pages, documents) = (batch.Positions, batch.CachePages.Pages, batch.IsDecoding ? 0 : batch.Documents);
        for (var row = 0; row < rows; row += rowsAtOnce)
        {
            Launch(
                DecodeAttentionKernel, variant, (Math.Min(rowsAtOnce, rows - row), splits * groups),
                (WarpThreads * division.Warps, 1), 0,
                output, parts, _arrivals, queryKeyValue, cache.Keys, cache.Values, rotary.Cosines, rotary.Sines, positions, documents,
                pages, sequencePages, shape.QueryHeads, shape.KeyValueHeads, _batchInvariant ? InvariantSplitPages : 0, shape.Scale,
                shape.Window, row);
        }
    }
}
