using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>An RMSNorm over the hidden size.</summary>
internal sealed class Norm
{
    private readonly Backend _backend;
    private readonly int _weight;
    private readonly float _epsilon;

    public Norm(Backend backend, ParameterTable table, string name, float epsilon)
    {
        _backend = backend;
        _weight = table.IndexOf(name);
        _epsilon = epsilon;
    }

    /// <param name="output">[T, C], =.</param>
    /// <param name="reciprocalRms">[T], =, for the backward.</param>
    /// <param name="input">[T, C].</param>
    public void Forward(in Pass pass, Tensor output, Tensor reciprocalRms, Tensor input) =>
        _backend.RmsNormForward(output, reciprocalRms, input, pass.Weights[_weight], _epsilon);

    /// <summary>The norm as a part of the operation that reads it, for a forward that no backward follows.</summary>
    /// <param name="normed">[T, C], scratch.</param>
    /// <param name="reciprocalRms">[T], scratch.</param>
    /// <param name="input">[T, C].</param>
    public NormedInput Of(in Pass pass, Tensor normed, Tensor reciprocalRms, Tensor input) =>
        new(input, pass.Weights[_weight], _epsilon, normed, reciprocalRms);

    /// <param name="gradients">The layer's own is accumulated into (+=), unless it is frozen.</param>
    /// <param name="dInput">[T, C], +=: the residual stream's gradient.</param>
    /// <param name="output">[T, C], =: the forward's output again; may be <paramref name="dOutput"/>, and empty when not needed.</param>
    public void Backward(
        in Pass pass, in TrainedGradients gradients, Tensor dInput, Tensor output, Tensor dOutput, Tensor input,
        Tensor reciprocalRms) => _backend.RmsNormBackward(
            dInput, gradients.OfWeight(_weight), output, dOutput, input, pass.Weights[_weight], reciprocalRms);
}
