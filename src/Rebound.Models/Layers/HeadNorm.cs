using Rebound.Checkpoints;
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

    public void Forward(in Pass pass, BlockActivations a) => _backend.QueryKeyNormForward(
        a.QueryKeyValue[pass.Tokens], a.HeadRms[pass.Tokens], a.Projected[pass.Tokens], pass.Weights[_query], pass.Weights[_key],
        _shape, _epsilon);

    /// <summary>In place: the gradient of the normalized heads becomes that of the projected ones.</summary>
    public void Backward(in Pass pass, in TrainedGradients gradients, BlockActivations a, BlockGradients d)
    {
        var dHeads = d.QueryKeyValue[pass.Tokens];
        _backend.QueryKeyNormBackward(
            dHeads, gradients.OfWeight(_query), gradients.OfWeight(_key), dHeads, a.Projected[pass.Tokens], pass.Weights[_query],
            pass.Weights[_key], a.HeadRms[pass.Tokens], _shape);
    }
}
