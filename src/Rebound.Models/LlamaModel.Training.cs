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
        RunBlocks(workspace, prepared, RotaryFor(batch), null);
        var losses = workspace.DeviceLosses(supervised);
        Backend.CrossEntropyHead(
            losses, default, default, workspace.Hidden(supervised), Weights[_head], prepared, workspace.HeadScratch, 1);
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
        var rotary = RotaryFor(batch);
        var dropout = workspace.Dropout(dropoutSeed is null ? 0 : Adapter?.Layout.Settings.Dropout ?? 0, dropoutSeed ?? 0);
        RunBlocks(workspace, prepared, rotary, null, dropout);

        var trained = Adapter is null ? new TrainedGradients(gradients, null) : new TrainedGradients(null, gradients);
        var losses = workspace.DeviceLosses(supervised);
        Backend.CrossEntropyHead(
            losses, workspace.BlockGradients(supervised).Norm, trained.OfWeight(_head), workspace.Hidden(supervised), Weights[_head], prepared,
            workspace.HeadScratch, lossScale);
        RunBackward(workspace, trained, prepared, rotary, dropout);
        return Sum(losses, workspace.Losses);
    }

    /// <summary>From the gradient of the final norm's output back to the embedding, or to the first block with an adapter.</summary>
    private void RunBackward(
        Workspace workspace, in TrainedGradients gradients, PreparedBatch batch, RotaryTable rotary, in AdapterDropout dropout)
    {
        var (tokens, supervised, last) = (batch.TokenCount, batch.Rows.Length, _blocks.Length - 1);
        var (d, dOfChosen) = (workspace.BlockGradients(tokens), workspace.BlockGradients(supervised));
        var dStream = workspace.DStream(tokens);

        // The head has read the final norm's output, whose memory has room for the gradient of its input.
        var dChosen = workspace.Hidden(supervised);
        Backend.Fill(dChosen, 0);
        _finalNorm.Backward(
            Weights, gradients, dChosen, default, dOfChosen.Norm, workspace.LastOutput(supervised), workspace.FinalRms(supervised));
        _blocks[last].BackwardRows(
            Weights, gradients, dStream, dChosen, workspace.Block(last, tokens, dropout), workspace.Block(last, supervised, dropout), d,
            dOfChosen, batch, rotary);
        for (var layer = last - 1; layer >= _firstTrained; layer--)
        {
            var block = workspace.Block(layer, tokens, dropout);
            if (RecomputesBlocks)
            {
                _blocks[layer].Recompute(Weights, block, batch, rotary);
            }

            _blocks[layer].Backward(Weights, gradients, dStream, block, d, batch, rotary);
        }

        if (gradients.Weights is not null)
        {
            Backend.EmbeddingBackward(gradients.OfWeight(_embedding), dStream, batch);
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
