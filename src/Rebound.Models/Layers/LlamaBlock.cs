using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>One layer of the model: attention and feed-forward, each added to the residual stream.</summary>
internal sealed class LlamaBlock
{
    private readonly SelfAttention _attention;
    private readonly FeedForward _feedForward;

    /// <param name="adapter">Null for none.</param>
    public LlamaBlock(Backend backend, LlamaConfig config, ParameterTable table, LoraAdapter? adapter, int layer)
    {
        _attention = new SelfAttention(backend, config, table, adapter, layer);
        _feedForward = new FeedForward(backend, config, table, adapter, layer);
    }

    public void Forward(ParameterSet weights, in BlockActivations a, PackedBatch batch, RotaryTable rotary, LayerCache? cache)
    {
        _attention.Forward(weights, a, batch, rotary, cache);
        _feedForward.Forward(weights, a);
    }

    /// <summary>Computes again, from the block's input, what <see cref="Backward"/> reads.</summary>
    public void Recompute(ParameterSet weights, in BlockActivations a, PackedBatch batch, RotaryTable rotary)
    {
        _attention.Forward(weights, a, batch, rotary, cache: null);
        _feedForward.Recompute(weights, a);
    }

    /// <param name="dStream">[T, C]: the gradient of the block's output becomes that of its input.</param>
    public void Backward(
        ParameterSet weights, in TrainedGradients gradients, Tensor dStream, in BlockActivations a, in BlockGradients d,
        PackedBatch batch, RotaryTable rotary)
    {
        _feedForward.Backward(weights, gradients, dStream, a, d);
        _attention.Backward(weights, gradients, dStream, a, d, batch, rotary);
    }
}
