using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>
/// The memory of a forward pass, or of a forward and backward pass, over up to a number of tokens. For a forward alone
/// all blocks share one block's activations.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private readonly Backend _backend;
    private readonly WorkspacePlan _plan;
    private readonly Arena _arena;
    private PreparedBatch? _whole;
    private PreparedBatch? _continuing;

    public Workspace(Backend backend, WorkspacePlan plan)
    {
        _backend = backend;
        _plan = plan;
        _arena = backend.Allocate(plan.Arena);
        Losses = new float[plan.Tokens];
    }

    /// <summary>The most tokens of a batch.</summary>
    public int Tokens => _plan.Tokens;

    /// <summary>Host memory for the losses of a batch.</summary>
    public float[] Losses { get; }

    /// <summary>A batch as operations read it, until the next one is prepared.</summary>
    /// <param name="rows">[R] rows that the head reads.</param>
    /// <param name="cache">Where keys and values of the batch go and earlier ones are; null for none.</param>
    public PreparedBatch Prepare(PackedBatch batch, ReadOnlySpan<int> rows, KeyValueCacheView? cache = null)
    {
        // Batches that attend to a cache need other lists than those that hold all there is.
        ref var prepared = ref cache is { BatchIsWhole: false } ? ref _continuing : ref _whole;
        var needed = BatchCapacity.Of(batch, cache?.Table);
        if (prepared is null || !prepared.Capacity.Holds(needed))
        {
            var capacity = (prepared?.Capacity ?? default).GrownTo(needed);
            prepared?.Dispose();
            prepared = null;
            prepared = _backend.AllocateBatch(capacity);
        }

        prepared.Refill(batch, rows, cache?.Table);
        return prepared;
    }

    /// <param name="dropout">Of <see cref="Dropout"/>.</param>
    public BlockActivations Block(int layer, int tokens, in AdapterDropout dropout = default) =>
        new(_arena, _plan.Blocks[layer], tokens, dropout);

    /// <summary>The dropout of one forward and backward pass.</summary>
    /// <param name="rate">0 for none.</param>
    public AdapterDropout Dropout(float rate, ulong seed) =>
        rate == 0 ? default : new AdapterDropout(rate, seed, _arena[_plan.DropoutScratch]);

    /// <summary>[T, C]: output of the embedding.</summary>
    public Tensor Embedded(int tokens) => _arena[_plan.Embedded].Rows(0, tokens);

    /// <summary>[R, H·HeadDim]: attention of the rows that the last block goes on with.</summary>
    public Tensor ChosenAttention(int rows) => _arena[_plan.ChosenAttention].Rows(0, rows);

    /// <summary>[R, C]: output of the last block.</summary>
    public Tensor LastOutput(int rows) => _arena[_plan.Blocks[^1].Output].Rows(0, rows);

    /// <summary>[R, C]: output of the final norm.</summary>
    public Tensor Hidden(int rows) => _arena[_plan.Hidden].Rows(0, rows);

    /// <summary>[R].</summary>
    public Tensor FinalRms(int rows) => _arena[_plan.FinalRms].Rows(0, rows);

    /// <summary>[S]: losses of the supervised rows.</summary>
    public Tensor DeviceLosses(int rows) => _arena[_plan.Losses].Rows(0, rows);

    /// <summary>The fused head's scratch.</summary>
    public Tensor HeadScratch => _arena[_plan.HeadScratch];

    /// <summary>[R, V]: logits of up to <see cref="WorkspacePlan.LogitRows"/> rows; only without a backward.</summary>
    public Tensor Logits(int rows) => _arena[_plan.Logits].Rows(0, rows);

    /// <summary>[T, C]: gradient of the residual stream.</summary>
    public Tensor DStream(int tokens) => _arena[_plan.DStream].Rows(0, tokens);

    public BlockGradients BlockGradients(int tokens) => new(
        _arena[_plan.DNorm].Rows(0, tokens),
        _arena[_plan.DSwiGlu].Rows(0, tokens),
        _arena[_plan.DAttention].Rows(0, tokens),
        _arena[_plan.DQueryKeyValue].Rows(0, tokens),
        _arena[_plan.ChosenAttention].Rows(0, tokens));

    public void Dispose()
    {
        _whole?.Dispose();
        _continuing?.Dispose();
        _arena.Dispose();
    }
}
