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

    public void Forward(ParameterSet weights, in BlockActivations a)
    {
        ForwardGate(weights, a);
        _backend.SwiGluForward(a.SwiGlu, a.GateUp);
        _down.Forward(weights, a.Output, a.SwiGlu, a.DownHidden, a.Dropout, a.Middle);
    }

    /// <summary>Computes again what <see cref="Backward"/> reads; the output is not among it.</summary>
    public void Recompute(ParameterSet weights, in BlockActivations a)
    {
        ForwardGate(weights, a);
        if (_down.KeepsHidden)
        {
            _backend.SwiGluForward(a.SwiGlu, a.GateUp);
            _down.ForwardHidden(a.SwiGlu, a.DownHidden, a.Dropout);
        }
    }

    /// <summary>Backward of <see cref="Forward"/>; the gate and up activations are overwritten by their gradient.</summary>
    /// <param name="dStream">[T, C]: the gradient of the output becomes that of the input.</param>
    public void Backward(
        ParameterSet weights, in TrainedGradients gradients, Tensor dStream, in BlockActivations a, in BlockGradients d)
    {
        _down.BackwardInput(weights, gradients, d.SwiGlu, dStream, a.DownHidden, a.Dropout);
        var activation = _down.InputAgain(gradients, d.SwiGlu);
        _backend.SwiGluBackward(a.GateUp, activation, d.SwiGlu, a.GateUp);
        _down.BackwardWeight(gradients, dStream, activation, a.DownHidden, a.Dropout);

        _gateUp.BackwardInput(weights, gradients, d.Norm, a.GateUp, a.GateUpHidden, a.Dropout);
        var normalized = _gateUp.InputAgain(gradients, d.Norm);
        _norm.Backward(weights, gradients, dStream, normalized, d.Norm, a.Middle, a.FeedForwardRms);
        _gateUp.BackwardWeight(gradients, a.GateUp, normalized, a.GateUpHidden, a.Dropout);
    }

    private void ForwardGate(ParameterSet weights, in BlockActivations a)
    {
        _norm.Forward(weights, a.Norm, a.FeedForwardRms, a.Middle);
        _gateUp.Forward(weights, a.GateUp, a.Norm, a.GateUpHidden, a.Dropout);
    }
}
