using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>The gradients of activations in a backward pass; all blocks share them.</summary>
internal sealed class BlockGradients
{
    /// <summary>Plans them, with the head's scratch in the same memory: head, feed-forward and attention follow each other.</summary>
    /// <param name="headScratch">Its elements.</param>
    public BlockGradients(ActivationMemory memory, LlamaConfig config, int headScratch)
    {
        Residual = memory.Add(config.HiddenSize, nameof(Residual));
        Norm = memory.Add(config.HiddenSize, nameof(Norm));
        var mark = memory.Plan.Mark();
        HeadScratch = memory.Add(new Shape(headScratch), DType.Float32, nameof(HeadScratch));
        memory.Plan.Release(mark);
        SwiGlu = memory.Add(config.FeedForwardSize, nameof(SwiGlu));
        memory.Plan.Release(mark);
        Attention = memory.AddHeads(config.QueryHeads, config.HeadDim, nameof(Attention));
        mark = memory.Plan.Mark();
        SelectedAttention = memory.Add(config.QueryHeads * config.HeadDim, nameof(SelectedAttention));
        memory.Plan.Release(mark);
        QueryKeyValue = memory.AddHeads(config.Attention(0).FusedHeads, config.HeadDim, nameof(QueryKeyValue));
        memory.Plan.Release(memory.Plan.TotalBytes);
    }

    /// <summary>[T, C]: of the residual stream.</summary>
    public Slot Residual { get; }

    /// <summary>[T, C]: of a norm's output, then that output again.</summary>
    public Slot Norm { get; }

    /// <summary>The fused head's scratch.</summary>
    public Slot HeadScratch { get; }

    /// <summary>[T, F]: of the activations, then these again.</summary>
    public Slot SwiGlu { get; }

    /// <summary>[T, H, HeadDim].</summary>
    public Slot Attention { get; }

    /// <summary>[T, H·HeadDim], in the memory of <see cref="QueryKeyValue"/>: attention of the selected rows.</summary>
    public Slot SelectedAttention { get; }

    /// <summary>[T, H + 2·KvH, HeadDim].</summary>
    public Slot QueryKeyValue { get; }
}
