using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>Qwen3's RMSNorm over every query and key head, between projection and rotation.</summary>
internal sealed class HeadNorm
{
    private readonly Backend _backend;
    private readonly AttentionShape _shape;
    private readonly float _epsilon;
    private readonly int _query;
    private readonly int _key;

    public HeadNorm(Backend backend, ParameterTable table, string prefix, AttentionShape shape, float epsilon)
    {
        _backend = backend;
        _shape = shape;
        _epsilon = epsilon;
        _query = table.IndexOf(prefix + ParameterNames.QueryNorm);
        _key = table.IndexOf(prefix + ParameterNames.KeyNorm);
    }

    public void Forward(ParameterSet weights, in BlockActivations a) => _backend.QueryKeyNormForward(
        a.QueryKeyValue, a.HeadRms, a.Projected, weights[_query], weights[_key], _shape, _epsilon);

    /// <summary>In place: the gradient of the normalized heads becomes that of the projected ones.</summary>
    public void Backward(ParameterSet weights, in TrainedGradients gradients, in BlockActivations a, in BlockGradients d) =>
        _backend.QueryKeyNormBackward(
            d.QueryKeyValue, gradients.OfWeight(_query), gradients.OfWeight(_key), d.QueryKeyValue, a.Projected,
            weights[_query], weights[_key], a.HeadRms, _shape);
}
