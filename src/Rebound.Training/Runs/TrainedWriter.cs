using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Models;
using Rebound.Training.Ranks;

namespace Rebound.Training.Runs;

/// <summary>Writes the model that is trained, or its adapter, wherever its parts lie: all ranks call, and rank 0 writes.</summary>
internal sealed class TrainedWriter(
    RunOptions options, RunPlan plan, StartingModel start, LlamaModel model, Trainer trainer, RunHost host)
{
    /// <summary>Writes it as it is now.</summary>
    /// <param name="path">A folder that is there.</param>
    public void Write(string path, StoredFloatType type) => Read(source => Write(path, source, type, trainer.CompletedSteps));

    /// <summary>Writes a copy of it; of rank 0 alone.</summary>
    /// <param name="steps">After which the copy was made.</param>
    public void Write(string path, ITensorSource trained, StoredFloatType type, int steps) =>
        start.Write(path, trained, type, RunCard.Of(options.Task, start.Name, plan.Data, steps, plan.Steps.EpochAfter(steps)));

    /// <summary>Has rank 0 read it, to which the other ranks give their parts.</summary>
    public void Read(Action<ITensorSource> read)
    {
        var trained = model.Trainable;
        if (trained.IsReadable)
        {
            if (host.Agreement.IsFirst)
            {
                read(trained);
            }

            return;
        }

        using var gathered = new GatheredParameters(host.Ranks!, trained);
        if (!host.Agreement.IsFirst)
        {
            gathered.Serve();
            return;
        }

        try
        {
            read(gathered);
        }
        finally
        {
            gathered.End();
        }
    }
}
