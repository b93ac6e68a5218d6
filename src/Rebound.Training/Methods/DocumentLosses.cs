using Rebound.Models;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Methods;

/// <summary>The losses that a model gives documents, token by token.</summary>
public static class DocumentLosses
{
    /// <param name="packTokens">Tokens of a batch at most, or of one document that is longer.</param>
    /// <param name="onBatch">Told after every forward pass how many tokens it read.</param>
    /// <returns>For each document −log p of its supervised tokens, in nats.</returns>
    /// <exception cref="ArgumentException">A document has no supervised token, or is beyond what the model takes.</exception>
    public static float[][] Of(
        LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int packTokens, Action<int>? onBatch = null,
        CancellationToken cancellation = default)
    {
        var losses = new float[documents.Count][];
        foreach (var pack in BestFitPacking.Pack([.. documents.Select(DocumentBatch.LengthOf)], packTokens))
        {
            cancellation.ThrowIfCancellationRequested();
            var tokens = Read(model, documents, pack, losses);
            onBatch?.Invoke(tokens);
        }

        return losses;
    }

    /// <summary>Reads one batch of documents.</summary>
    /// <param name="pack">Their indices.</param>
    /// <param name="losses">Those of the batch's documents are set.</param>
    /// <returns>Tokens that were read.</returns>
    internal static int Read(LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int[] pack, float[][] losses)
    {
        var batch = DocumentBatch.Of([.. pack.Select(index => documents[index])]);
        var all = new float[batch.SupervisedRows.Length];
        model.Losses(batch, all);
        var first = 0;
        foreach (var index in pack)
        {
            losses[index] = all.AsSpan(first, documents[index].SupervisedTokens).ToArray();
            first += losses[index].Length;
        }

        return batch.TokenCount;
    }

    /// <summary>The sum of tokens' losses, in fp64.</summary>
    public static double Sum(ReadOnlySpan<float> losses)
    {
        var sum = 0.0;
        foreach (var loss in losses)
        {
            sum += loss;
        }

        return sum;
    }
}
