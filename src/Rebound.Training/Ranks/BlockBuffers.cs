using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Training.Ranks;

/// <summary>
/// Room for the blocks of divided parameters that are whole for a while: one layer's, and the embedding's and the head's, which share
/// theirs where the head is not the embedding.
/// </summary>
internal sealed class BlockBuffers : IDisposable
{
    private const int LayerBuffer = 0;
    private const int EmbeddingBuffer = 1;
    private const int HeadBuffer = 2;

    private readonly ParameterSet _set;
    private readonly Arena _arena;
    private readonly int?[] _held = new int?[HeadBuffer + 1];

    /// <exception cref="InsufficientMemoryException">The device has no room for them.</exception>
    public BlockBuffers(ParameterSet set)
    {
        _set = set;
        _arena = set.Backend.Allocate(Plan(set.Table, set.Type, set.Part));
    }

    /// <summary>Bytes of the buffers; nothing is allocated.</summary>
    public static long BytesOf(ParameterTable table, DType type, ParameterPart part) => Plan(table, type, part).TotalBytes;

    /// <summary>The buffer of a block.</summary>
    public Tensor Of(int block) => _arena[BufferOf(_set.Table, block)].Rows(0, _set.CountOf(block));

    /// <summary>Takes note that a block's buffer is going to hold that block.</summary>
    /// <returns>Whether it does already.</returns>
    public bool Hold(int block)
    {
        ref var held = ref _held[BufferOf(_set.Table, block)];
        var isHeld = held == block;
        held = block;
        return isHeld;
    }

    /// <summary>Nothing is held any more.</summary>
    public void Forget() => Array.Clear(_held);

    public void Dispose() => _arena.Dispose();

    private static int BufferOf(ParameterTable table, int block) =>
        block == 0 ? EmbeddingBuffer
        : block < table.BlockCount - 1 ? LayerBuffer
        : table.IsTied ? HeadBuffer : EmbeddingBuffer;

    private static ArenaPlan Plan(ParameterTable table, DType type, ParameterPart part)
    {
        var counts = new int[HeadBuffer + 1];
        foreach (var (block, elements) in ParameterSet.CountsOf(table, type, part).Index())
        {
            ref var count = ref counts[BufferOf(table, block)];
            count = Math.Max(count, elements);
        }

        var plan = new ArenaPlan();
        foreach (var (count, name) in counts.Zip(["layer", "embedding", "head"]))
        {
            plan.Add(new TensorSpec(name, new Shape(count), type));
        }

        return plan;
    }
}
