using System.Runtime.InteropServices;
using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Training.Methods;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Ranks;

/// <summary>The losses that a model gives documents, each read by one of the ranks and known to all.</summary>
internal static class SharedReading
{
    /// <param name="ranks">Null for the only one.</param>
    /// <param name="onBatch">Told after every forward pass how many tokens all ranks read in it.</param>
    /// <inheritdoc cref="DocumentLosses.Of"/>
    public static float[][] Of(
        LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int packTokens, Communicator? ranks, Action<int>? onBatch = null,
        CancellationToken cancellation = default)
    {
        if (ranks is null)
        {
            return DocumentLosses.Of(model, documents, packTokens, onBatch, cancellation);
        }

        int[] lengths = [.. documents.Select(DocumentBatch.LengthOf)];
        var packs = EvenPacking.Pack(lengths, packTokens, ranks.Size);
        int[] tokens = [.. packs.Select(pack => pack.Sum(document => lengths[document]))];
        var division = BatchDivision.Of(tokens, ranks.Size);
        var losses = new float[documents.Count][];
        for (var pass = 0; pass < division.Max(own => own.Length); pass++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (pass < division[ranks.Rank].Length)
            {
                DocumentLosses.Read(model, documents, packs[division[ranks.Rank][pass]], losses);
            }
            else
            {
                model.PassOver(backward: false);
            }

            onBatch?.Invoke(division.Sum(own => pass < own.Length ? tokens[own[pass]] : 0));
        }

        var messages = ranks.Exchange(MemoryMarshal.AsBytes<float>(
            [.. division[ranks.Rank].SelectMany(pack => packs[pack]).SelectMany(document => losses[document])]));
        foreach (var (own, message) in division.Zip(messages))
        {
            Take(documents, own.SelectMany(pack => packs[pack]), MemoryMarshal.Cast<byte, float>(message), losses);
        }

        return losses;
    }

    private static void Take(
        IReadOnlyList<TokenizedDocument> documents, IEnumerable<int> read, ReadOnlySpan<float> message, float[][] losses)
    {
        foreach (var document in read)
        {
            var count = documents[document].SupervisedTokens;
            losses[document] = message[..count].ToArray();
            message = message[count..];
        }
    }
}
