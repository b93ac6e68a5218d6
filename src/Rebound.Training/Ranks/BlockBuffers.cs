using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models.Parameters;

namespace Rebound.Training.Ranks;

/// <summary>
/// Room for the blocks of divided parameters that are whole for a while: two layers', which take turns, so that ranks share one while the
/// device computes with the other, and the embedding's and the head's, which share theirs where the head is not the embedding.
/// </summary>
internal sealed class BlockBuffers : IDisposable
{
    private const int LayerBuffers = 2;
    private const int EmbeddingBuffer = LayerBuffers;
    private const int HeadBuffer = EmbeddingBuffer + 1;

    private readonly ParameterSet _set;
    private readonly Arena _arena;
    private readonly int?[] _held = new int?[HeadBuffer + 1];
    private readonly PendingCollective[] _pending = new PendingCollective[HeadBuffer + 1];

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

    /// <summary>The block that a block's buffer holds, which may be another one; null for none.</summary>
    public int? HeldBeside(int block) => _held[BufferOf(_set.Table, block)];

    /// <summary>Takes note that a block's buffer holds that block from now on.</summary>
    public void Hold(int block) => _held[BufferOf(_set.Table, block)] = block;

    /// <summary>A block's buffer holds none any more.</summary>
    public void Free(int block) => _held[BufferOf(_set.Table, block)] = null;

    /// <summary>The collective that was begun with a block's buffer and not waited for.</summary>
    public ref PendingCollective Pending(int block) => ref _pending[BufferOf(_set.Table, block)];

    /// <summary>The blocks that are held.</summary>
    public IEnumerable<int> Held => _held.OfType<int>();

    /// <summary>Nothing is held any more.</summary>
    public void Forget() => Array.Clear(_held);

    public void Dispose() => _arena.Dispose();

    private static int BufferOf(ParameterTable table, int block) =>
        block == 0 ? EmbeddingBuffer
        : block < table.BlockCount - 1 ? block % LayerBuffers
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
        foreach (var (count, name) in counts.Zip(["even layer", "odd layer", "embedding", "head"]))
        {
            plan.Add(new TensorSpec(name, new Shape(count), type));
        }

        return plan;
    }
}
