using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>One layer of the model: attention and feed-forward, each added to the residual stream.</summary>
internal sealed class LlamaBlock
{
    private readonly Backend _backend;
    private readonly SelfAttention _attention;
    private readonly FeedForward _feedForward;

    /// <param name="adapter">Null for none.</param>
    public LlamaBlock(Backend backend, LlamaConfig config, ParameterTable table, LoraAdapter? adapter, int layer)
    {
        _backend = backend;
        _attention = new SelfAttention(backend, config, table, adapter, layer);
        _feedForward = new FeedForward(backend, config, table, adapter, layer);
    }

    public void Forward(ParameterSet weights, in BlockActivations a, PreparedBatch batch, RotaryTable rotary, LayerCache? cache)
    {
        _attention.Forward(weights, a, batch, rotary, cache);
        _feedForward.Forward(weights, a);
    }

    /// <summary>
    /// <see cref="Forward"/> of the batch's selected rows: all rows attend, and what lies after that is computed for those
    /// alone. The last block's other rows are read by nobody.
    /// </summary>
    /// <param name="chosen">Activations of R rows, in the memory of <paramref name="a"/>.</param>
    /// <param name="input">[R, C], scratch.</param>
    /// <param name="attention">[R, H·HeadDim], scratch.</param>
    public void ForwardRows(
        ParameterSet weights, in BlockActivations a, in BlockActivations chosen, Tensor input, Tensor attention,
        PreparedBatch batch, RotaryTable rotary, LayerCache? cache)
    {
        _attention.Attend(weights, a, batch, rotary, cache);
        if (batch.Rows.IsEmpty)
        {
            return;
        }

        _backend.GatherRows(attention, a.AttentionMatrix, batch);
        _backend.GatherRows(input, a.Input, batch);
        _attention.Project(weights, chosen, attention, input);
        _feedForward.Forward(weights, chosen);
    }

    /// <summary>Computes again, from the block's input, what <see cref="Backward"/> reads.</summary>
    public void Recompute(ParameterSet weights, in BlockActivations a, PreparedBatch batch, RotaryTable rotary)
    {
        _attention.Forward(weights, a, batch, rotary, cache: null);
        _feedForward.Recompute(weights, a);
    }

    /// <param name="dStream">[T, C]: the gradient of the block's output becomes that of its input.</param>
    public void Backward(
        ParameterSet weights, in TrainedGradients gradients, Tensor dStream, in BlockActivations a, in BlockGradients d,
        PreparedBatch batch, RotaryTable rotary)
    {
        _feedForward.Backward(weights, gradients, dStream, a, d);
        _attention.Backward(weights, gradients, dStream, a, d, batch, rotary);
    }

    /// <summary>Backward of <see cref="ForwardRows"/> without a cache.</summary>
    /// <param name="dStream">[T, C], =: the gradient of the block's input.</param>
    /// <param name="dChosen">[R, C]: the gradient of the block's output in the chosen rows becomes that of the middle there.</param>
    /// <param name="chosen">As in <see cref="ForwardRows"/>, and their gradients in <paramref name="dOfChosen"/>.</param>
    public void BackwardRows(
        ParameterSet weights, in TrainedGradients gradients, Tensor dStream, Tensor dChosen, in BlockActivations a,
        in BlockActivations chosen, in BlockGradients d, in BlockGradients dOfChosen, PreparedBatch batch, RotaryTable rotary)
    {
        _feedForward.Backward(weights, gradients, dChosen, chosen, dOfChosen);
        var attention = dOfChosen.AttentionMatrix;
        _backend.GatherRows(attention, a.AttentionMatrix, batch);
        _attention.ProjectBackward(weights, gradients, dOfChosen.ChosenAttention, dChosen, chosen, attention);
        _backend.ScatterRows(d.AttentionMatrix, dOfChosen.ChosenAttention, batch);
        _backend.ScatterRows(dStream, dChosen, batch);
        _attention.AttendBackward(weights, gradients, dStream, a, d, batch, rotary);
    }
}
