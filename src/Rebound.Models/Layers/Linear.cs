using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>A linear layer with optional bias: <c>output = input · weightᵀ + bias</c>.</summary>
internal sealed class Linear
{
    private readonly Backend _backend;
    private readonly int _weight;
    private readonly int _bias;

    /// <param name="name">The parameters' name without <c>.weight</c> and <c>.bias</c>.</param>
    public Linear(Backend backend, ParameterTable table, string name, bool bias)
    {
        _backend = backend;
        Name = name;
        _weight = table.IndexOf(name + ".weight");
        _bias = bias ? table.IndexOf(name + ".bias") : -1;
    }

    public string Name { get; }

    /// <param name="output">[T, N], =.</param>
    /// <param name="input">[T, K].</param>
    public void Forward(ParameterSet weights, Tensor output, Tensor input) =>
        _backend.LinearForward(output, input, weights[_weight], Bias(weights));

    /// <param name="gradients">The layer's own are accumulated into (+=).</param>
    /// <param name="dInput">[T, K], =.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="input">[T, K], as given to the forward.</param>
    public void Backward(ParameterSet weights, ParameterSet gradients, Tensor dInput, Tensor dOutput, Tensor input)
    {
        _backend.LinearBackwardWeight(gradients[_weight], Bias(gradients), dOutput, input);
        _backend.LinearBackwardInput(dInput, dOutput, weights[_weight]);
    }

    private Tensor Bias(ParameterSet set) => _bias < 0 ? default : set[_bias];
}
