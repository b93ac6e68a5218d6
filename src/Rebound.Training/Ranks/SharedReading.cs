using System.Runtime.InteropServices;
using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Training.Methods;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Ranks;

/// <summary>The losses that a model gives documents, each read by one of the ranks and known to all.</summary>
internal static class SharedReading
{
    private const long TokensBetween = 1 << 22;

    /// <param name="ranks">Null for the only one.</param>
    /// <inheritdoc cref="DocumentLosses.Of"/>
    public static float[][] Of(
        LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int packTokens, Communicator? ranks)
    {
        var losses = new float[documents.Count][];
        Read(model, documents, packTokens, ranks, (document, ofDocument) => losses[document] = ofDocument.ToArray());
        return losses;
    }

    /// <summary>The same, of which nothing is kept: every rank takes the losses of all documents, all in the same order.</summary>
    /// <param name="ranks">Null for the only one.</param>
    /// <param name="onBatch">Told after every forward pass how many tokens all ranks read in it.</param>
    /// <param name="tokensBetween">Tokens that all ranks read until they tell each other the losses, which each keeps till then.</param>
    /// <inheritdoc cref="DocumentLosses.Of" path="/param"/>
    /// <inheritdoc cref="DocumentLosses.Of" path="/exception"/>
    public static void Read(
        LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int packTokens, Communicator? ranks, TakeLosses take,
        Action<int>? onBatch = null, long tokensBetween = TokensBetween, CancellationToken cancellation = default)
    {
        if (ranks is null)
        {
            DocumentLosses.Read(model, documents, packTokens, take, onBatch, cancellation);
            return;
        }

        int[] lengths = [.. documents.Select(DocumentBatch.LengthOf)];
        var packs = EvenPacking.Pack(lengths, packTokens, ranks.Size);
        int[] tokens = [.. packs.Select(pack => pack.Sum(document => lengths[document]))];
        var division = BatchDivision.Of(tokens, ranks.Size);
        var passes = division.Max(own => own.Length);
        var (untold, firstUntold, tokensUntold) = (new List<float>(), 0, 0L);
        for (var pass = 0; pass < passes; pass++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (pass < division[ranks.Rank].Length)
            {
                DocumentLosses.Read(model, documents, packs[division[ranks.Rank][pass]], (_, losses) => untold.AddRange(losses));
            }
            else
            {
                model.PassOver(backward: false);
            }

            var read = division.Sum(own => pass < own.Length ? tokens[own[pass]] : 0);
            onBatch?.Invoke(read);
            tokensUntold += read;
            if (tokensUntold >= tokensBetween || pass == passes - 1)
            {
                var messages = ranks.Exchange(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(untold)));
                foreach (var (own, message) in division.Zip(messages))
                {
                    var told = own.Take(firstUntold..(pass + 1)).SelectMany(pack => packs[pack]);
                    Take(documents, told, MemoryMarshal.Cast<byte, float>(message), take);
                }

                untold.Clear();
                (firstUntold, tokensUntold) = (pass + 1, 0);
            }
        }
    }

    private static void Take(
        IReadOnlyList<TokenizedDocument> documents, IEnumerable<int> read, ReadOnlySpan<float> message, TakeLosses take)
    {
        foreach (var document in read)
        {
            var count = documents[document].SupervisedTokens;
            take(document, message[..count]);
            message = message[count..];
        }
    }
}
