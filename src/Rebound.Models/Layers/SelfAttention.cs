using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>The attention half of a block: <c>middle = input + o(attention(qkv(norm(input))))</c>.</summary>
internal sealed class SelfAttention
{
    private readonly Backend _backend;
    private readonly AttentionShape _shape;
    private readonly Norm _norm;
    private readonly Linear _queryKeyValue;
    private readonly HeadNorm? _headNorm;
    private readonly Linear _output;

    public SelfAttention(Backend backend, LlamaConfig config, ParameterTable table, LoraAdapter? adapter, int layer)
    {
        _backend = backend;
        _shape = config.Attention(layer);
        var prefix = ParameterNames.Attention(layer);
        _norm = new Norm(backend, table, ParameterNames.AttentionNorm(layer), config.RmsNormEpsilon);
        _queryKeyValue = new Linear(backend, table, prefix + ParameterNames.QueryKeyValue, config.QueryKeyValueBias, adapter);
        _headNorm = config.QueryKeyNorm ? new HeadNorm(backend, table, prefix, _shape, config.RmsNormEpsilon) : null;
        _output = new Linear(backend, table, prefix + ParameterNames.Output, config.OutputBias, adapter);
    }

    /// <param name="cache">Where this layer's keys and values go, and come from; null when the batch is all there is.</param>
    public void Forward(ParameterSet weights, in BlockActivations a, PreparedBatch batch, RotaryTable rotary, LayerCache? cache)
    {
        Attend(weights, a, batch, rotary, cache);
        Project(weights, a, a.AttentionMatrix, a.Input);
    }

    /// <summary>The first half of <see cref="Forward"/>: what every head makes of the values it sees.</summary>
    public void Attend(ParameterSet weights, in BlockActivations a, PreparedBatch batch, RotaryTable rotary, LayerCache? cache)
    {
        _norm.Forward(weights, a.Norm, a.AttentionRms, a.Input);
        _queryKeyValue.Forward(weights, a.Projected.Reshape(a.FlatProjected), a.Norm, a.QueryKeyValueHidden, a.Dropout);
        _headNorm?.Forward(weights, a);
        _backend.RotaryForward(a.QueryKeyValue, rotary, batch, _shape);
        if (cache is { } pages)
        {
            _backend.CacheAppend(pages.Pages, a.QueryKeyValue, batch, _shape);
        }

        if (cache is { BatchIsWhole: false } earlier)
        {
            _backend.CachedAttention(a.Attention, earlier.Pages, a.QueryKeyValue, batch, _shape);
        }
        else
        {
            _backend.AttentionForward(a.Attention, a.LogSumExp, a.QueryKeyValue, batch, _shape);
        }
    }

    /// <summary>The second half of <see cref="Forward"/>, in which rows are apart from each other.</summary>
    /// <param name="attention">[R, H·HeadDim].</param>
    /// <param name="input">[R, C].</param>
    public void Project(ParameterSet weights, in BlockActivations a, Tensor attention, Tensor input) =>
        _output.Forward(weights, a.Middle, attention, a.OutputHidden, a.Dropout, input);

    /// <summary>Backward of <see cref="Forward"/> without a cache.</summary>
    /// <param name="dStream">[T, C]: the gradient of the middle becomes that of the input.</param>
    public void Backward(
        ParameterSet weights, in TrainedGradients gradients, Tensor dStream, in BlockActivations a, in BlockGradients d,
        PreparedBatch batch, RotaryTable rotary)
    {
        ProjectBackward(weights, gradients, d.AttentionMatrix, dStream, a, a.AttentionMatrix);
        AttendBackward(weights, gradients, dStream, a, d, batch, rotary);
    }

    /// <summary>Backward of <see cref="Project"/>; that of the input is the gradient of the middle itself.</summary>
    /// <param name="dAttention">[R, H·HeadDim], =.</param>
    /// <param name="dMiddle">[R, C].</param>
    public void ProjectBackward(
        ParameterSet weights, in TrainedGradients gradients, Tensor dAttention, Tensor dMiddle, in BlockActivations a, Tensor attention)
    {
        _output.BackwardInput(weights, gradients, dAttention, dMiddle, a.OutputHidden, a.Dropout);
        _output.BackwardWeight(gradients, dMiddle, attention, a.OutputHidden, a.Dropout);
    }

    /// <summary>Backward of <see cref="Attend"/>, from the gradient of the attention in <paramref name="d"/>.</summary>
    /// <param name="dStream">[T, C], +=: the gradient of the input.</param>
    public void AttendBackward(
        ParameterSet weights, in TrainedGradients gradients, Tensor dStream, in BlockActivations a, in BlockGradients d,
        PreparedBatch batch, RotaryTable rotary)
    {
        _backend.AttentionBackward(d.QueryKeyValue, d.Attention, a.Attention, a.LogSumExp, a.QueryKeyValue, batch, _shape);
        _backend.RotaryBackward(d.QueryKeyValue, rotary, batch, _shape);
        _headNorm?.Backward(weights, gradients, a, d);
        var dProjected = d.QueryKeyValue.Reshape(a.FlatProjected);
        _queryKeyValue.BackwardInput(weights, gradients, d.Norm, dProjected, a.QueryKeyValueHidden, a.Dropout);
        var normalized = _queryKeyValue.InputAgain(gradients, d.Norm);
        _norm.Backward(weights, gradients, dStream, normalized, d.Norm, a.Input, a.AttentionRms);
        _queryKeyValue.BackwardWeight(gradients, dProjected, normalized, a.QueryKeyValueHidden, a.Dropout);
    }
}

/// <summary>The cached keys and values of one layer.</summary>
/// <param name="BatchIsWhole">True when the batch holds its sequences from the start, so that nothing cached is needed.</param>
internal readonly record struct LayerCache(KeyValuePages Pages, bool BatchIsWhole);
