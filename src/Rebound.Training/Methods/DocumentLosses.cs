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
        Read(
            model, documents, packTokens, (document, ofDocument) => losses[document] = ofDocument.ToArray(), onBatch, cancellation);
        return losses;
    }

    /// <summary>The same, of which nothing is kept.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    /// <inheritdoc cref="Of" path="/exception"/>
    internal static void Read(
        LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int packTokens, TakeLosses take, Action<int>? onBatch,
        CancellationToken cancellation)
    {
        foreach (var pack in BestFitPacking.Pack([.. documents.Select(DocumentBatch.LengthOf)], packTokens))
        {
            cancellation.ThrowIfCancellationRequested();
            var tokens = Read(model, documents, pack, take);
            onBatch?.Invoke(tokens);
        }
    }

    /// <summary>Reads one batch of documents.</summary>
    /// <param name="pack">Their places; they are taken in this order.</param>
    /// <returns>Tokens that were read.</returns>
    internal static int Read(LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int[] pack, TakeLosses take)
    {
        TokenizedDocument[] read = [.. pack.Select(place => documents[place])];
        var batch = DocumentBatch.Of(read);
        var all = new float[batch.SupervisedRows.Length];
        model.Losses(batch, all);
        ReadOnlySpan<float> rest = all;
        foreach (var (place, document) in pack.Zip(read))
        {
            take(place, rest[..document.SupervisedTokens]);
            rest = rest[document.SupervisedTokens..];
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
