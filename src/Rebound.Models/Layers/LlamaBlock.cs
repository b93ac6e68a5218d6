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

    /// <param name="cache">Where this layer's keys and values go, and come from; null when the batch is all there is.</param>
    public void Forward(in Pass pass, BlockActivations a, LayerCache? cache)
    {
        _attention.Forward(pass, a, cache);
        _feedForward.Forward(pass, a, pass.Tokens, isLast: cache is not null);
    }

    /// <summary>
    /// <see cref="Forward"/> of the batch's selected rows: all rows attend, and the rest is computed for the selected ones
    /// alone, whose activations are the first R rows from there on. Nothing reads the last block's other rows.
    /// </summary>
    /// <param name="input">[R, C], scratch.</param>
    /// <param name="attention">[R, H·HeadDim], scratch.</param>
    public void ForwardSelected(in Pass pass, BlockActivations a, Tensor input, Tensor attention, LayerCache? cache)
    {
        _attention.Attend(pass, a, cache);
        if (pass.SelectedRows == 0)
        {
            return;
        }

        _backend.GatherRows(attention, SelfAttention.AsMatrix(a.Attention[pass.Tokens]), pass.Batch);
        _backend.GatherRows(input, a.Input[pass.Tokens], pass.Batch);
        _attention.Project(pass, a, attention, input);
        _feedForward.Forward(pass, a, pass.SelectedRows, isLast: cache is not null);
    }

    /// <summary>Recomputes, from the block's input, the activations that <see cref="Backward"/> reads.</summary>
    public void Recompute(in Pass pass, BlockActivations a)
    {
        _attention.Forward(pass, a, cache: null);
        _feedForward.Recompute(pass, a);
    }

    /// <param name="dResidual">[T, C]: the gradient of the block's output becomes that of its input.</param>
    public void Backward(in Pass pass, in TrainedGradients gradients, Tensor dResidual, BlockActivations a, BlockGradients d)
    {
        _feedForward.Backward(pass, gradients, dResidual, a, d, pass.Tokens);
        _attention.Backward(pass, gradients, dResidual, a, d);
    }

    /// <summary>Backward of <see cref="ForwardSelected"/> without a cache.</summary>
    /// <param name="dResidual">[T, C], =: the gradient of the block's input.</param>
    /// <param name="dSelected">[R, C]: the gradient of the block's output becomes that of the residual stream after attention.</param>
    public void BackwardSelected(
        in Pass pass, in TrainedGradients gradients, Tensor dResidual, Tensor dSelected, BlockActivations a, BlockGradients d)
    {
        var (tokens, rows) = (pass.Tokens, pass.SelectedRows);
        _feedForward.Backward(pass, gradients, dSelected, a, d, rows);
        var (attention, dAttention) = (SelfAttention.AsMatrix(d.Attention[rows]), d.SelectedAttention[rows]);
        _backend.GatherRows(attention, SelfAttention.AsMatrix(a.Attention[tokens]), pass.Batch);
        _attention.ProjectBackward(pass, gradients, dAttention, dSelected, a, attention);
        _backend.ScatterRows(SelfAttention.AsMatrix(d.Attention[tokens]), dAttention, pass.Batch);
        _backend.ScatterRows(dResidual, dSelected, pass.Batch);
        _attention.AttendBackward(pass, gradients, dResidual, a, d);
    }
}
