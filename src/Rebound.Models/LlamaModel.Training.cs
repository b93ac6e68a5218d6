using Rebound.Engine;
using Rebound.Models.Layers;
using Rebound.Models.Parameters;

namespace Rebound.Models;

public sealed partial class LlamaModel
{
    /// <summary>The summed loss over a batch's supervised tokens, in nats, without gradients.</summary>
    /// <exception cref="ArgumentException">A token, label or position is outside of what the model has.</exception>
    public double Loss(PackedBatch batch)
    {
        var supervised = batch.SupervisedRows.Length;
        if (supervised == 0)
        {
            return 0;
        }

        var workspace = Workspace(batch.TokenCount, backward: false);
        var prepared = workspace.Prepare(batch, batch.SupervisedRows);
        var a = workspace.Activations;
        RunBlocks(new Pass(Weights, prepared, RotaryFor(batch)), a, cache: null);
        var losses = a.Losses[supervised];
        Backend.CrossEntropyHead(losses, default, default, a.Hidden[supervised], Weights[_head], prepared, a.HeadScratch.All, 1);
        return Sum(losses, workspace.Losses);
    }

    /// <summary>
    /// The summed loss over a batch's supervised tokens, in nats, and the gradients of that sum times
    /// <paramref name="lossScale"/>.
    /// </summary>
    /// <param name="gradients">Of <see cref="CreateGradients"/>; accumulated into (+=).</param>
    /// <param name="lossScale">Usually 1 / the supervised tokens of the whole optimizer step.</param>
    /// <param name="dropoutSeed">Of the masks of an adapter's dropout, one for every pass of a run; null to drop nothing.</param>
    /// <exception cref="ArgumentException">A token, label or position is outside of what the model has.</exception>
    public double LossAndGradients(PackedBatch batch, ParameterSet gradients, float lossScale, ulong? dropoutSeed = null)
    {
        var (tokens, supervised) = (batch.TokenCount, batch.SupervisedRows.Length);
        if (supervised == 0)
        {
            return 0;
        }

        var workspace = Workspace(tokens, backward: true);
        var prepared = workspace.Prepare(batch, batch.SupervisedRows);
        var a = workspace.Activations;
        var dropout = workspace.Dropout(dropoutSeed is null ? 0 : Adapter?.Layout.Settings.Dropout ?? 0, dropoutSeed ?? 0);
        var pass = new Pass(Weights, prepared, RotaryFor(batch), dropout);
        RunBlocks(pass, a, cache: null);

        var trained = Adapter is null ? new TrainedGradients(gradients, null) : new TrainedGradients(null, gradients);
        var losses = a.Losses[supervised];
        Backend.CrossEntropyHead(
            losses, a.Gradients!.Norm[supervised], trained.OfWeight(_head), a.Hidden[supervised], Weights[_head], prepared,
            a.HeadScratch.All, lossScale);
        RunBackward(pass, trained, a);
        return Sum(losses, workspace.Losses);
    }

    /// <summary>From the gradient of the final norm's output back to the embedding, or to the first block with an adapter.</summary>
    private void RunBackward(in Pass pass, in TrainedGradients gradients, Activations a)
    {
        var (supervised, last, d) = (pass.SelectedRows, _blocks.Length - 1, a.Gradients!);
        var dResidual = d.Residual[pass.Tokens];

        // The head has read the final norm's output, whose memory has room for the gradient of its input.
        var dSelected = a.Hidden[supervised];
        Backend.Fill(dSelected, 0);
        _finalNorm.Backward(
            pass, gradients, dSelected, default, d.Norm[supervised], a.Blocks[last].Output[supervised], a.FinalRms[supervised]);
        _blocks[last].BackwardSelected(pass, gradients, dResidual, dSelected, a.Blocks[last], d);
        for (var layer = last - 1; layer >= _firstTrained; layer--)
        {
            if (RecomputesBlocks)
            {
                _blocks[layer].Recompute(pass, a.Blocks[layer]);
            }

            _blocks[layer].Backward(pass, gradients, dResidual, a.Blocks[layer], d);
        }

        if (gradients.Weights is not null)
        {
            Backend.EmbeddingBackward(gradients.OfWeight(_embedding), dResidual, pass.Batch);
        }
    }

    private double Sum(Tensor losses, float[] host)
    {
        var values = host.AsSpan(0, (int)losses.Count);
        Backend.CopyToHost(values, losses);
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
