using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>
/// A linear layer with optional bias: <c>output = input · weightᵀ + bias</c>, and what low-rank adapters add to it.
/// </summary>
internal sealed class Linear
{
    private readonly Backend _backend;
    private readonly int _weight;
    private readonly int? _bias;
    private readonly LowRankAdapter? _adapter;

    /// <param name="name">The parameters' name without <c>.weight</c> and <c>.bias</c>.</param>
    /// <param name="adapter">Null for none.</param>
    public Linear(Backend backend, ParameterTable table, string name, bool bias, LoraAdapter? adapter)
    {
        _backend = backend;
        _weight = table.IndexOf(name + ".weight");
        _bias = bias ? table.IndexOf(name + ".bias") : null;
        _adapter = adapter?.Layout.GroupOf(_weight) is { } group ? new LowRankAdapter(backend, adapter.Parameters, group) : null;
    }

    /// <param name="output">[T, N], =.</param>
    /// <param name="input">[T, K].</param>
    /// <param name="lowRank">The adapter's down-projection, kept for the backward; none without an adapter.</param>
    /// <param name="residual">[T, N], to which the layer is added; empty for none.</param>
    public void Forward(
        in Pass pass, Tensor output, Tensor input, Slot lowRank, Tensor residual = default)
    {
        var (weight, bias) = (pass.Weights[_weight], BiasOf(pass));
        if (residual.IsEmpty)
        {
            _backend.LinearForward(output, input, weight, bias, mayRound: pass.MayRound);
        }
        else
        {
            _backend.LinearForward(output, input, weight, bias, residual, pass.MayRound);
        }

        _adapter?.Forward(output, input, lowRank.All, pass.Dropout);
    }

    /// <summary>As <see cref="Forward"/> of a normed input, without an adapter and with no backward after it.</summary>
    public void ForwardNormed(in Pass pass, Tensor output, in NormedInput input) =>
        _backend.NormLinearForward(output, input with { MayRound = pass.MayRound }, pass.Weights[_weight], BiasOf(pass));

    /// <summary>As <see cref="ForwardNormed"/> of a layer that is a gate and what it is multiplied with.</summary>
    /// <param name="output">[T, F], =.</param>
    /// <param name="gateUp">[T, 2·F], scratch.</param>
    public void ForwardGated(in Pass pass, Tensor output, Tensor gateUp, in NormedInput input) =>
        _backend.NormGatedForward(
            output, gateUp, input with { MayRound = pass.MayRound }, pass.Weights[_weight], BiasOf(pass));

    /// <summary>Whether an adapter works beside the layer.</summary>
    public bool HasAdapter => _adapter is not null;

    /// <summary>The adapter's down-projection of <see cref="Forward"/>, without the output.</summary>
    /// <param name="input">[T, K].</param>
    /// <param name="lowRank">As in <see cref="Forward"/>.</param>
    public void ForwardLowRank(in Pass pass, Tensor input, Slot lowRank) => _adapter?.ForwardDown(input, lowRank.All, pass.Dropout);

    /// <summary>The first half of the backward, which leaves in <paramref name="lowRank"/> what the second half needs.</summary>
    /// <param name="gradients">An adapter's own are accumulated into (+=).</param>
    /// <param name="dInput">[T, K], =.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="lowRank">As the forward left it; becomes its gradient.</param>
    public void BackwardInput(in Pass pass, in TrainedGradients gradients, Tensor dInput, Tensor dOutput, Slot lowRank)
    {
        _backend.LinearBackwardInput(dInput, dOutput, pass.Weights[_weight]);
        if (gradients.Adapter is { } adapter)
        {
            _adapter?.BackwardInput(adapter, dInput, dOutput, lowRank.All, pass.Dropout);
        }
    }

    /// <summary>
    /// The second half of the backward. It alone reads the input, so that the layer before may recompute that in between.
    /// </summary>
    /// <param name="gradients">The layer's own are accumulated into (+=), unless it is frozen.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="input">[T, K], as given to the forward; empty where <see cref="InputAgain"/> is.</param>
    /// <param name="lowRank">As <see cref="BackwardInput"/> left it.</param>
    public void BackwardWeight(in Pass pass, in TrainedGradients gradients, Tensor dOutput, Tensor input, Slot lowRank)
    {
        if (gradients.Weights is not null)
        {
            _backend.LinearBackwardWeight(
                gradients.OfWeight(_weight), _bias is { } bias ? gradients.OfWeight(bias) : default, dOutput, input);
        }

        if (gradients.Adapter is { } adapter)
        {
            _adapter?.BackwardDown(adapter, input, lowRank.All, pass.Dropout);
        }
    }

    /// <summary>Where to recompute the input for <see cref="BackwardWeight"/>; empty when that does not read it.</summary>
    /// <param name="place">[T, K].</param>
    public Tensor InputAgain(in TrainedGradients gradients, Tensor place) =>
        gradients.Weights is not null || (gradients.Adapter is not null && _adapter is not null) ? place : default;

    private Tensor BiasOf(in Pass pass) => _bias is { } index ? pass.Weights[index] : default;
}
