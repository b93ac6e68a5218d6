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
    private readonly int _bias;
    private readonly LowRankAdapter? _adapter;

    /// <param name="name">The parameters' name without <c>.weight</c> and <c>.bias</c>.</param>
    /// <param name="adapter">Null for none.</param>
    public Linear(Backend backend, ParameterTable table, string name, bool bias, LoraAdapter? adapter)
    {
        _backend = backend;
        _weight = table.IndexOf(name + ".weight");
        _bias = bias ? table.IndexOf(name + ".bias") : -1;
        _adapter = adapter?.Layout.GroupOf(_weight) is { } group ? new LowRankAdapter(backend, adapter.Parameters, group) : null;
    }

    /// <param name="output">[T, N], =.</param>
    /// <param name="input">[T, K].</param>
    /// <param name="hidden">What the adapter keeps for the backward; empty without an adapter.</param>
    /// <param name="residual">[T, N], to which the layer is added; empty for none.</param>
    public void Forward(
        ParameterSet weights, Tensor output, Tensor input, Tensor hidden, in AdapterDropout dropout, Tensor residual = default)
    {
        var bias = _bias < 0 ? default : weights[_bias];
        if (residual.IsEmpty)
        {
            _backend.LinearForward(output, input, weights[_weight], bias);
        }
        else
        {
            _backend.LinearForward(output, input, weights[_weight], bias, residual);
        }

        _adapter?.Forward(output, input, hidden, dropout);
    }

    /// <summary>Whether a forward keeps anything for the backward.</summary>
    public bool KeepsHidden => _adapter is not null;

    /// <summary>What <see cref="Forward"/> keeps for the backward, without the output.</summary>
    /// <param name="input">[T, K].</param>
    /// <param name="hidden">As in <see cref="Forward"/>.</param>
    public void ForwardHidden(Tensor input, Tensor hidden, in AdapterDropout dropout) =>
        _adapter?.ForwardHidden(input, hidden, dropout);

    /// <summary>The first half of the backward; what it leaves in <paramref name="hidden"/> the second half needs.</summary>
    /// <param name="gradients">An adapter's own are accumulated into (+=).</param>
    /// <param name="dInput">[T, K], =.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="hidden">As the forward left it; becomes its gradient.</param>
    public void BackwardInput(
        ParameterSet weights, in TrainedGradients gradients, Tensor dInput, Tensor dOutput, Tensor hidden, in AdapterDropout dropout)
    {
        _backend.LinearBackwardInput(dInput, dOutput, weights[_weight]);
        if (gradients.Adapter is { } adapter)
        {
            _adapter?.BackwardInput(adapter, dInput, dOutput, hidden, dropout);
        }
    }

    /// <summary>
    /// The second half of the backward. It alone reads the input, which what lies before the layer may therefore write
    /// again in between, with the gradient that it then no longer needs.
    /// </summary>
    /// <param name="gradients">The layer's own are accumulated into (+=), unless it is frozen.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="input">[T, K], as given to the forward; empty where <see cref="InputAgain"/> is.</param>
    /// <param name="hidden">As <see cref="BackwardInput"/> left it.</param>
    public void BackwardWeight(
        in TrainedGradients gradients, Tensor dOutput, Tensor input, Tensor hidden, in AdapterDropout dropout)
    {
        if (gradients.Weights is not null)
        {
            _backend.LinearBackwardWeight(
                gradients.OfWeight(_weight), _bias < 0 ? default : gradients.OfWeight(_bias), dOutput, input);
        }

        if (gradients.Adapter is { } adapter)
        {
            _adapter?.BackwardDown(adapter, input, hidden, dropout);
        }
    }

    /// <summary>Where the input is to be written again for <see cref="BackwardWeight"/>: empty when that will not read it.</summary>
    /// <param name="place">[T, K].</param>
    public Tensor InputAgain(in TrainedGradients gradients, Tensor place) =>
        gradients.Weights is not null || (gradients.Adapter is not null && _adapter is not null) ? place : default;
}
