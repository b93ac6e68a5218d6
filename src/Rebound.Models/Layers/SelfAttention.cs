using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>The attention half of a block: <c>midResidual = input + o(attention(qkv(norm(input))))</c>.</summary>
internal sealed class SelfAttention
{
    private readonly Backend _backend;
    private readonly AttentionShape _shape;
    private readonly Norm _norm;
    private readonly Linear _queryKeyValue;
    private readonly HeadNorm? _headNorm;
    private readonly Linear _output;

    /// <summary>Whether a row's bits may not depend on the batch, as those of attention to the batch alone do.</summary>
    private readonly bool _isInvariant;

    public SelfAttention(Backend backend, LlamaConfig config, ParameterTable table, LoraAdapter? adapter, int layer)
    {
        (_backend, _isInvariant) = (backend, backend.BatchInvariantRows == 1);
        _shape = config.Attention(layer);
        var prefix = ParameterNames.Attention(layer);
        _norm = new Norm(backend, table, ParameterNames.AttentionNorm(layer), config.RmsNormEpsilon);
        _queryKeyValue = new Linear(backend, table, prefix + ParameterNames.QueryKeyValue, config.QueryKeyValueBias, adapter);
        _headNorm = config.QueryKeyNorm ? new HeadNorm(backend, table, prefix, _shape, config.RmsNormEpsilon) : null;
        _output = new Linear(backend, table, prefix + ParameterNames.Output, config.OutputBias, adapter);
    }

    /// <summary>Heads as a matrix: as many rows, each with all of its heads.</summary>
    public static Tensor AsMatrix(Tensor heads) => heads.Reshape(new Shape(heads.Shape[0], (int)heads.Shape.RowLength));

    /// <param name="cache">Where this layer's keys and values go, and come from; null when the batch is all there is.</param>
    public void Forward(in Pass pass, BlockActivations a, LayerCache? cache)
    {
        Attend(pass, a, cache);
        Project(pass, a, AsMatrix(a.Attention[pass.Tokens]), a.Input[pass.Tokens]);
    }

    /// <summary>The first half of <see cref="Forward"/>: attention of all heads.</summary>
    public void Attend(in Pass pass, BlockActivations a, LayerCache? cache)
    {
        var tokens = pass.Tokens;
        var (heads, attention) = (a.QueryKeyValue[tokens], a.Attention[tokens]);
        if (cache is null || _queryKeyValue.HasAdapter)
        {
            _norm.Forward(pass, a.Norm[tokens], a.AttentionRms[tokens], a.Input[tokens]);
            _queryKeyValue.Forward(pass, AsMatrix(a.Projected[tokens]), a.Norm[tokens], a.QueryKeyValueLowRank);
        }
        else
        {
            _queryKeyValue.ForwardNormed(
                pass, AsMatrix(a.Projected[tokens]), _norm.Of(pass, a.Norm[tokens], a.AttentionRms[tokens], a.Input[tokens]));
        }

        _headNorm?.Forward(pass, a);
        if (cache is { } pages && (_isInvariant || !pages.BatchIsWhole))
        {
            _backend.RotaryAttention(attention, pages.Pages, heads, pass.Rotary, pass.Batch, _shape);
            return;
        }

        if (cache is { } filled)
        {
            _backend.RotaryAppend(filled.Pages, heads, pass.Rotary, pass.Batch, _shape);
        }
        else
        {
            _backend.RotaryForward(heads, pass.Rotary, pass.Batch, _shape);
        }

        _backend.AttentionForward(attention, a.LogSumExp[tokens], heads, pass.Batch, _shape);
    }

    /// <summary>The second half of <see cref="Forward"/>, in which rows are independent.</summary>
    /// <param name="attention">[R, H·HeadDim].</param>
    /// <param name="input">[R, C].</param>
    public void Project(in Pass pass, BlockActivations a, Tensor attention, Tensor input) =>
        _output.Forward(pass, a.MidResidual[input.Shape[0]], attention, a.OutputLowRank, input);

    /// <summary>Backward of <see cref="Forward"/> without a cache.</summary>
    /// <param name="dResidual">[T, C]: the gradient after attention becomes that of the input.</param>
    public void Backward(in Pass pass, in TrainedGradients gradients, Tensor dResidual, BlockActivations a, BlockGradients d)
    {
        ProjectBackward(pass, gradients, AsMatrix(d.Attention[pass.Tokens]), dResidual, a, AsMatrix(a.Attention[pass.Tokens]));
        AttendBackward(pass, gradients, dResidual, a, d);
    }

    /// <summary>Backward of <see cref="Project"/>; the gradient of its input is <paramref name="dMidResidual"/> itself.</summary>
    /// <param name="dAttention">[R, H·HeadDim], =.</param>
    /// <param name="dMidResidual">[R, C].</param>
    public void ProjectBackward(
        in Pass pass, in TrainedGradients gradients, Tensor dAttention, Tensor dMidResidual, BlockActivations a, Tensor attention)
    {
        _output.BackwardInput(pass, gradients, dAttention, dMidResidual, a.OutputLowRank);
        _output.BackwardWeight(pass, gradients, dMidResidual, attention, a.OutputLowRank);
    }

    /// <summary>Backward of <see cref="Attend"/>, from the gradient of the attention in <paramref name="d"/>.</summary>
    /// <param name="dResidual">[T, C], +=: the gradient of the input.</param>
    public void AttendBackward(in Pass pass, in TrainedGradients gradients, Tensor dResidual, BlockActivations a, BlockGradients d)
    {
        var tokens = pass.Tokens;
        var (dHeads, dNorm) = (d.QueryKeyValue[tokens], d.Norm[tokens]);
        _backend.AttentionBackward(
            dHeads, d.Attention[tokens], a.Attention[tokens], a.LogSumExp[tokens], a.QueryKeyValue[tokens], pass.Batch, _shape);
        _backend.RotaryBackward(dHeads, pass.Rotary, pass.Batch, _shape);
        _headNorm?.Backward(pass, gradients, a, d);
        var dProjected = AsMatrix(dHeads);
        _queryKeyValue.BackwardInput(pass, gradients, dNorm, dProjected, a.QueryKeyValueLowRank);
        var normalized = _queryKeyValue.InputAgain(gradients, dNorm);
        _norm.Backward(pass, gradients, dResidual, normalized, dNorm, a.Input[tokens], a.AttentionRms[tokens]);
        _queryKeyValue.BackwardWeight(pass, gradients, dProjected, normalized, a.QueryKeyValueLowRank);
    }
}

/// <summary>The cached keys and values of one layer.</summary>
/// <param name="BatchIsWhole">True when the batch holds its sequences from the start, so that nothing cached is needed.</param>
internal readonly record struct LayerCache(KeyValuePages Pages, bool BatchIsWhole);
