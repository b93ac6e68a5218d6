using Rebound.Engine;
using Rebound.Models.Adapters;

namespace Rebound.Models.Layers;

/// <summary>The activations that the forward of one block reads and writes, and its backward reads again.</summary>
/// <param name="input">The output of the block before, or of the embedding.</param>
/// <param name="output">Where the output goes; null for a tensor of its own.</param>
/// <param name="shared">Activations that blocks do not keep.</param>
/// <param name="ranks">Of the adapters.</param>
internal sealed class BlockActivations(
    ActivationMemory memory, LlamaConfig config, Slot input, Slot? output, SharedActivations shared, AdapterRanks ranks)
{
    /// <summary>[T, C]: the residual stream before the block.</summary>
    public Slot Input { get; private set; } = input;

    /// <summary>[T, C]: output of the attention's norm, then of the feed-forward's. Not kept.</summary>
    public Slot Norm { get; } = shared.Norm;

    /// <summary>[T, H + 2·KvH, HeadDim] as projected; with head norms these are the norms' input.</summary>
    public Slot Projected { get; } = memory.AddHeads(config.Attention(0).FusedHeads, config.HeadDim);

    /// <summary>[T].</summary>
    public Slot AttentionRms { get; } = memory.AddFloats();

    /// <summary>[T, H + KvH]; only with head norms.</summary>
    public Slot HeadRms { get; } = config.QueryKeyNorm ? memory.AddFloats(config.QueryHeads + config.KeyValueHeads) : default;

    /// <summary>[T, H + 2·KvH, HeadDim], rotated; only with head norms, else see <see cref="QueryKeyValue"/>.</summary>
    private readonly Slot _normed =
        config.QueryKeyNorm ? memory.AddHeads(config.Attention(0).FusedHeads, config.HeadDim, nameof(QueryKeyValue)) : default;

    /// <summary>[T, H, HeadDim].</summary>
    public Slot Attention { get; } = memory.AddHeads(config.QueryHeads, config.HeadDim);

    /// <summary>[T, H].</summary>
    public Slot LogSumExp { get; } = memory.AddFloats(config.QueryHeads);

    /// <summary>[T, C]: the residual stream between attention and feed-forward.</summary>
    public Slot MidResidual { get; } = memory.Add(config.HiddenSize);

    /// <summary>[T].</summary>
    public Slot FeedForwardRms { get; } = memory.AddFloats();

    /// <summary>[T, 2·F].</summary>
    public Slot GateUp { get; } = memory.Add(2 * config.FeedForwardSize);

    /// <summary>[T, F]. Not kept.</summary>
    public Slot SwiGlu { get; } = shared.SwiGlu;

    /// <summary>[T, C]: the residual stream after the block, the next one's input.</summary>
    public Slot Output { get; private set; } = output ?? memory.Add(config.HiddenSize);

    /// <summary>[T·ΣR]: down-projections by the adapters of query, key and value; none without any.</summary>
    public Slot QueryKeyValueLowRank { get; } = memory.AddFlat(ranks.QueryKeyValue);

    /// <summary>[T·R]: as <see cref="QueryKeyValueLowRank"/>, of the attention's output projection.</summary>
    public Slot OutputLowRank { get; } = memory.AddFlat(ranks.Output);

    /// <summary>[T·ΣR]: as <see cref="QueryKeyValueLowRank"/>, of gate and up.</summary>
    public Slot GateUpLowRank { get; } = memory.AddFlat(ranks.GateUp);

    /// <summary>[T·R]: as <see cref="QueryKeyValueLowRank"/>, of the down projection.</summary>
    public Slot DownLowRank { get; } = memory.AddFlat(ranks.Down);

    /// <summary>[T, H + 2·KvH, HeadDim], rotated; without head norms the same memory as <see cref="Projected"/>.</summary>
    public Slot QueryKeyValue => config.QueryKeyNorm ? _normed : Projected;

    /// <summary>The same activations between another input and another output.</summary>
    public BlockActivations Between(Slot input, Slot output)
    {
        var other = (BlockActivations)MemberwiseClone();
        (other.Input, other.Output) = (input, output);
        return other;
    }
}

/// <summary>Activations that all blocks share: each is read by the matrix that follows, and written again by the backward.</summary>
/// <param name="Norm">[T, C]: output of either norm.</param>
/// <param name="SwiGlu">[T, F].</param>
internal readonly record struct SharedActivations(Slot Norm, Slot SwiGlu);
