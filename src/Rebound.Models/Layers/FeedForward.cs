using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>The feed-forward half of a block: <c>output = input + down(silu(gate(n)) · up(n))</c> with <c>n = norm(input)</c>.</summary>
internal sealed class FeedForward
{
    private readonly Backend _backend;
    private readonly Norm _norm;
    private readonly Linear _gateUp;
    private readonly Linear _down;

    public FeedForward(Backend backend, LlamaConfig config, ParameterTable table, LoraAdapter? adapter, int layer)
    {
        _backend = backend;
        var prefix = ParameterNames.FeedForward(layer);
        _norm = new Norm(backend, table, ParameterNames.FeedForwardNorm(layer), config.RmsNormEpsilon);
        _gateUp = new Linear(backend, table, prefix + ParameterNames.GateUp, config.FeedForwardBias, adapter);
        _down = new Linear(backend, table, prefix + ParameterNames.Down, config.FeedForwardBias, adapter);
    }

    /// <param name="rows">T, or R of the selected rows alone.</param>
    /// <param name="isLast">Whether no backward follows.</param>
    public void Forward(in Pass pass, BlockActivations a, int rows, bool isLast)
    {
        if (isLast && !_gateUp.HasAdapter)
        {
            var normed = _norm.Of(pass, a.Norm[rows], a.FeedForwardRms[rows], a.MidResidual[rows]);
            _gateUp.ForwardGated(pass, a.SwiGlu[rows], a.GateUp[rows], normed);
        }
        else
        {
            ForwardGate(pass, a, rows);
            _backend.SwiGluForward(a.SwiGlu[rows], a.GateUp[rows]);
        }

        _down.Forward(pass, a.Output[rows], a.SwiGlu[rows], a.DownLowRank, a.MidResidual[rows]);
    }

    /// <summary>Recomputes the activations that <see cref="Backward"/> reads, all but the output.</summary>
    public void Recompute(in Pass pass, BlockActivations a)
    {
        var rows = pass.Tokens;
        ForwardGate(pass, a, rows);
        if (_down.HasAdapter)
        {
            _backend.SwiGluForward(a.SwiGlu[rows], a.GateUp[rows]);
            _down.ForwardLowRank(pass, a.SwiGlu[rows], a.DownLowRank);
        }
    }

    /// <summary>Backward of <see cref="Forward"/>; the gate and up activations are overwritten by their gradient.</summary>
    /// <param name="dResidual">[rows, C]: the gradient of the output becomes that of the input.</param>
    public void Backward(
        in Pass pass, in TrainedGradients gradients, Tensor dResidual, BlockActivations a, BlockGradients d, int rows)
    {
        var (gateUp, dSwiGlu, dNorm) = (a.GateUp[rows], d.SwiGlu[rows], d.Norm[rows]);
        _down.BackwardInput(pass, gradients, dSwiGlu, dResidual, a.DownLowRank);
        var activation = _down.InputAgain(gradients, dSwiGlu);
        _backend.SwiGluBackward(gateUp, activation, dSwiGlu, gateUp);
        _down.BackwardWeight(pass, gradients, dResidual, activation, a.DownLowRank);

        _gateUp.BackwardInput(pass, gradients, dNorm, gateUp, a.GateUpLowRank);
        var normalized = _gateUp.InputAgain(gradients, dNorm);
        _norm.Backward(pass, gradients, dResidual, normalized, dNorm, a.MidResidual[rows], a.FeedForwardRms[rows]);
        _gateUp.BackwardWeight(pass, gradients, gateUp, normalized, a.GateUpLowRank);
    }

    private void ForwardGate(in Pass pass, BlockActivations a, int rows)
    {
        _norm.Forward(pass, a.Norm[rows], a.FeedForwardRms[rows], a.MidResidual[rows]);
        _gateUp.Forward(pass, a.GateUp[rows], a.Norm[rows], a.GateUpLowRank);
    }
}
