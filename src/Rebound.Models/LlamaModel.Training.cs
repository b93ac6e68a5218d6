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
        var losses = new float[batch.SupervisedRows.Length];
        Losses(batch, losses);
        return Sum(losses);
    }

    /// <summary>
    /// The loss of each of a batch's supervised tokens, −log p in nats, without gradients; in the memory of training, if there is any that
    /// has room for the batch.
    /// </summary>
    /// <param name="losses">[S] host memory, =.</param>
    /// <exception cref="ArgumentException">A token, label or position is outside of what the model has.</exception>
    public void Losses(PackedBatch batch, Span<float> losses)
    {
        if (batch.SupervisedRows.Length == 0)
        {
            return;
        }

        var workspace = _training is { } training && training.Tokens >= batch.TokenCount
            ? training
            : Workspace(batch.TokenCount, backward: false);
        var prepared = workspace.Prepare(batch, batch.SupervisedRows);
        var a = workspace.Activations;
        RunBlocks(new Pass(Weights, prepared, RotaryFor(batch)), a, cache: null);
        HeadLosses(losses, a, prepared);
        ReleaseHead();
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
        if (batch.SupervisedRows.Length == 0)
        {
            return 0;
        }

        var (workspace, pass) = ForwardForGradients(batch, dropoutSeed);
        Backward(pass, workspace.Activations, gradients, lossScale, default);
        return Sum(ReadLosses(workspace, pass.SelectedRows));
    }

    /// <summary>
    /// The loss that an objective makes of a batch's log-probabilities, and its gradients. The head goes forward twice where the
    /// objective has to see them before it knows what a row counts.
    /// </summary>
    /// <param name="gradients">Of <see cref="CreateGradients"/>; accumulated into (+=).</param>
    /// <param name="dropoutSeed">Of the masks of an adapter's dropout, one for every pass of a run; null to drop nothing.</param>
    /// <returns>What the objective says the batch's loss is.</returns>
    /// <exception cref="ArgumentException">A token, label or position is outside of what the model has.</exception>
    public double LossAndGradients(PackedBatch batch, ParameterSet gradients, IRowObjective objective, ulong? dropoutSeed = null)
    {
        var supervised = batch.SupervisedRows.Length;
        if (supervised == 0)
        {
            return 0;
        }

        var (workspace, pass) = ForwardForGradients(batch, dropoutSeed);
        var a = workspace.Activations;
        Span<float> losses = [];
        var weights = workspace.RowWeights.AsSpan(0, supervised);
        if (objective.ReadsLosses)
        {
            losses = workspace.Losses.AsSpan(0, supervised);
            HeadLosses(losses, a, pass.Batch);
        }

        objective.Weigh(losses, weights);
        Backend.CopyFromHost<float>(a.RowWeights[supervised], weights);
        Backward(pass, a, gradients, lossScale: 1, a.RowWeights[supervised]);
        return objective.Loss(objective.ReadsLosses ? losses : ReadLosses(workspace, supervised));
    }

    /// <summary>The losses of the supervised rows, from the final norm's output.</summary>
    private void HeadLosses(Span<float> losses, Activations a, PreparedBatch prepared)
    {
        var supervised = losses.Length;
        Backend.CrossEntropyHead(
            a.Losses[supervised], default, default, a.Hidden[supervised], Weights[_head], prepared, a.HeadScratch.All, 1);
        Backend.CopyToHost(losses, a.Losses[supervised]);
    }

    /// <summary>Head, forward and backward, and all that is before it, backward.</summary>
    private void Backward(in Pass pass, Activations a, ParameterSet gradients, float lossScale, Tensor rowWeights)
    {
        var supervised = pass.SelectedRows;
        var trained = Adapter is null ? new TrainedGradients(gradients, null) : new TrainedGradients(null, gradients);
        OpenHead();
        Backend.CrossEntropyHead(
            a.Losses[supervised], a.Gradients!.Norm[supervised], trained.OfWeight(_head), a.Hidden[supervised], Weights[_head],
            pass.Batch, a.HeadScratch.All, lossScale, rowWeights);
        RunBackward(pass, trained, a);
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
        CompleteHead();
        BeginBackward(last);
        _blocks[last].BackwardSelected(pass, gradients, dResidual, dSelected, a.Blocks[last], d);
        EndBackward(last);
        for (var layer = last - 1; layer >= _firstTrained; layer--)
        {
            BeginBackward(layer);
            if (RecomputesBlocks)
            {
                _blocks[layer].Recompute(pass, a.Blocks[layer]);
            }

            _blocks[layer].Backward(pass, gradients, dResidual, a.Blocks[layer], d);
            EndBackward(layer);
        }

        if (gradients.Weights is not null)
        {
            OpenEmbedding();
            Backend.EmbeddingBackward(gradients.OfWeight(_embedding), dResidual, pass.Batch);
            Schedule?.Complete(EmbeddingBlock);
        }
    }

    private (Workspace Workspace, Pass Pass) ForwardForGradients(PackedBatch batch, ulong? dropoutSeed)
    {
        var workspace = Workspace(batch.TokenCount, backward: true);
        var prepared = workspace.Prepare(batch, batch.SupervisedRows);
        var dropout = workspace.Dropout(dropoutSeed is null ? 0 : Adapter?.Layout.Settings.Dropout ?? 0, dropoutSeed ?? 0);
        var pass = new Pass(Weights, prepared, RotaryFor(batch), dropout);
        RunBlocks(pass, workspace.Activations, cache: null);
        return (workspace, pass);
    }

    /// <summary>The losses of the batch that went through last.</summary>
    private ReadOnlySpan<float> ReadLosses(Workspace workspace, int supervised)
    {
        var losses = workspace.Losses.AsSpan(0, supervised);
        Backend.CopyToHost(losses, workspace.Activations.Losses[supervised]);
        return losses;
    }

    private static double Sum(ReadOnlySpan<float> losses)
    {
        var sum = 0.0;
        foreach (var loss in losses)
        {
            sum += loss;
        }

        return sum;
    }
}
