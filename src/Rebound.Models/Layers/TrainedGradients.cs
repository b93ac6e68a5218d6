using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>
/// Where a backward accumulates gradients of parameters: those of the weights, or, when the weights are frozen, those of
/// the adapter beside them.
/// </summary>
internal readonly record struct TrainedGradients(ParameterSet? Weights, ParameterSet? Adapter)
{
    /// <summary>The gradient of one of the model's parameters; empty when it is frozen.</summary>
    public Tensor OfWeight(int parameter) => Weights is null ? default : Weights[parameter];
}
