using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>What the forward of one block reads and writes, for T tokens; its backward reads it again.</summary>
internal readonly struct BlockActivations
{
    private readonly Arena _arena;
    private readonly BlockPlan _plan;
    private readonly int _tokens;

    public BlockActivations(Arena arena, BlockPlan plan, int tokens, AdapterDropout dropout)
    {
        Dropout = dropout;
        _arena = arena;
        _plan = plan;
        _tokens = tokens;
    }

    /// <summary>[T, C]: the residual stream before the block.</summary>
    public Tensor Input => Rows(_plan.Input);

    /// <summary>[T, C]: output of the attention's norm, then of the feed-forward's. Not kept.</summary>
    public Tensor Norm => Rows(_plan.Norm);

    /// <summary>[T].</summary>
    public Tensor AttentionRms => Rows(_plan.AttentionRms);

    /// <summary>[T, H + 2·KvH, HeadDim] as projected; with head norms these are the norms' input.</summary>
    public Tensor Projected => Rows(_plan.Projected);

    /// <summary>[T, H + KvH]; only with head norms.</summary>
    public Tensor HeadRms => Rows(_plan.HeadRms);

    /// <summary>[T, H + 2·KvH, HeadDim], rotated; without head norms the same memory as <see cref="Projected"/>.</summary>
    public Tensor QueryKeyValue => Rows(_plan.QueryKeyValue);

    /// <summary>[T, H, HeadDim].</summary>
    public Tensor Attention => Rows(_plan.Attention);

    /// <summary>[T, H].</summary>
    public Tensor LogSumExp => Rows(_plan.LogSumExp);

    /// <summary>[T, C]: the residual stream between attention and feed-forward.</summary>
    public Tensor Middle => Rows(_plan.Middle);

    /// <summary>[T].</summary>
    public Tensor FeedForwardRms => Rows(_plan.FeedForwardRms);

    /// <summary>[T, 2·F].</summary>
    public Tensor GateUp => Rows(_plan.GateUp);

    /// <summary>[T, F]. Not kept.</summary>
    public Tensor SwiGlu => Rows(_plan.SwiGlu);

    /// <summary>[T, C]: the residual stream after the block, the next one's input.</summary>
    public Tensor Output => Rows(_plan.Output);

    /// <summary>What is dropped from the inputs of adapters.</summary>
    public AdapterDropout Dropout { get; }

    /// <summary>What the adapters of the query, key and value projections keep; empty without any.</summary>
    public Tensor QueryKeyValueHidden => Whole(_plan.Adapters.QueryKeyValue);

    /// <summary>What the adapter of the attention's output projection keeps; empty without one.</summary>
    public Tensor OutputHidden => Whole(_plan.Adapters.Output);

    /// <summary>What the adapters of the gate and up projections keep; empty without any.</summary>
    public Tensor GateUpHidden => Whole(_plan.Adapters.GateUp);

    /// <summary>What the adapter of the down projection keeps; empty without one.</summary>
    public Tensor DownHidden => Whole(_plan.Adapters.Down);

    /// <summary>[T, (H + 2·KvH)·HeadDim]: the fused heads as a matrix.</summary>
    public Shape FlatProjected => Flat(QueryKeyValue);

    /// <summary>[T, H·HeadDim]: the heads of <see cref="Attention"/> as a matrix.</summary>
    public Tensor AttentionMatrix => Attention.Reshape(Flat(Attention));

    /// <summary>As many rows as a tensor of heads has, each with all of its heads.</summary>
    public static Shape Flat(Tensor heads) => new(heads.Shape[0], (int)heads.Shape.RowLength);

    private Tensor Whole(int index) => index < 0 ? default : _arena[index];

    private Tensor Rows(int index) => _arena[index].Rows(0, _tokens);
}

/// <summary>What the backward of a block writes beside the gradients of parameters; all blocks share it.</summary>
/// <param name="Norm">[T, C]: gradient of a norm's output, then that output again.</param>
/// <param name="SwiGlu">[T, F]: gradient of the activations, then these again.</param>
/// <param name="Attention">[T, H, HeadDim].</param>
/// <param name="QueryKeyValue">[T, H + 2·KvH, HeadDim].</param>
/// <param name="ChosenAttention">[T, H·HeadDim], in the memory of <paramref name="QueryKeyValue"/>: the same of chosen rows.</param>
internal readonly record struct BlockGradients(
    Tensor Norm, Tensor SwiGlu, Tensor Attention, Tensor QueryKeyValue, Tensor ChosenAttention)
{
    /// <summary>[T, H·HeadDim]: the heads of <see cref="Attention"/> as a matrix.</summary>
    public Tensor AttentionMatrix => Attention.Reshape(BlockActivations.Flat(Attention));
}
