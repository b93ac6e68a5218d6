using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Verification;

/// <summary>Models on the backend that rounds, copied anew each time that one is asked for.</summary>
public sealed class RoundedCopies
{
    private readonly Backend _backend;
    private readonly IReadOnlyList<LlamaModel> _models;
    private readonly Func<ParameterSet, ITensorSource> _read;

    /// <param name="read">How parameters are read; what it gives is not disposed.</param>
    internal RoundedCopies(Backend backend, IReadOnlyList<LlamaModel> models, Func<ParameterSet, ITensorSource> read) =>
        (_backend, _models, _read) = (backend, models, read);

    /// <summary>A copy of one of the models, and of its adapter if it has one, which its user disposes of.</summary>
    public LlamaModel Open(int index)
    {
        var model = _models[index];
        var copy = LlamaModel.Load(_backend, model.Config, _read(model.Weights));
        if (model.Adapter is { } adapter)
        {
            copy.Attach(LoraAdapter.Load(_backend, model.Config, adapter.Layout.Settings, _read(adapter.Parameters)));
        }

        return copy;
    }
}
