using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Training.Ranks;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Methods;

/// <summary>The losses that the documents had before training, with which a method compares: −log p, in nats.</summary>
/// <param name="Documents">For each document those of its supervised tokens.</param>
/// <param name="Mismatched">The same of each document's mismatched one; none for a document that has none.</param>
public sealed record Baseline(IReadOnlyList<float[]> Documents, IReadOnlyList<float[]> Mismatched)
{
    /// <summary>All losses 0, to measure with.</summary>
    public static Baseline Zero(LearningSet data) => new(
        [.. data.Documents.Select(document => new float[document.SupervisedTokens])],
        [.. data.Documents.Select(document => new float[document.Mismatched?.SupervisedTokens ?? 0])]);

    /// <summary>Computes them with the model that training starts from, save those that the collection kept.</summary>
    /// <param name="read">Whether training reads each of the documents; of others there are none.</param>
    /// <param name="ranks">Those that share the reading, and all get the result; null for the only one.</param>
    /// <inheritdoc cref="DocumentLosses.Of" path="/param"/>
    public static Baseline Compute(
        LearningSet data, bool[] read, LlamaModel model, int packTokens, Communicator? ranks = null, Action<int>? onBatch = null,
        CancellationToken cancellation = default)
    {
        var (documents, mismatched) = ToRead(data, read);
        var computed = Computed(documents);
        return new Baseline(
            [.. computed.Select((losses, index) => losses ?? (read[index] ? Kept(data.Documents[index].Document)! : []))],
            [.. Computed(mismatched).Select(losses => losses ?? [])]);

        IEnumerable<float[]?> Computed(TokenizedDocument?[] chosen)
        {
            var losses = new Queue<float[]>(
                SharedReading.Of(model, [.. chosen.OfType<TokenizedDocument>()], packTokens, ranks, onBatch, cancellation));
            return [.. chosen.Select(document => document is null ? null : losses.Dequeue())];
        }
    }

    /// <summary>Tokens that a model has to read for it.</summary>
    /// <inheritdoc cref="Compute" path="/param[@name='read']"/>
    public static long TokensToRead(LearningSet data, bool[] read)
    {
        var (documents, mismatched) = ToRead(data, read);
        return documents.Concat(mismatched).OfType<TokenizedDocument>().Sum(document => (long)DocumentBatch.LengthOf(document));
    }

    /// <summary>The documents that a model has to read, null for the others.</summary>
    private static (TokenizedDocument?[] Documents, TokenizedDocument?[] Mismatched) ToRead(LearningSet data, bool[] read) => (
        [
            .. data.Documents.Select((document, index) =>
                !read[index] || (data.Baseline == BaselineKind.Sampling && Kept(document.Document) is not null)
                    ? null
                    : document.Document),
        ],
        [.. data.Documents.Select((document, index) => read[index] ? document.Mismatched : null)]);

    /// <summary>The losses that a document's tokens were drawn with; null unless all of them are known.</summary>
    internal static float[]? Kept(TokenizedDocument document)
    {
        var known = document.Content.LogProbabilities.Span;
        if (known.IsEmpty)
        {
            return null;
        }

        var losses = new List<float>(document.SupervisedTokens);
        foreach (var run in document.Content.Runs.Span)
        {
            for (var token = Math.Max(run.Start, 1); token < run.End; token++)
            {
                if (!float.IsFinite(known[token]))
                {
                    return null;
                }

                losses.Add(-known[token]);
            }
        }

        return [.. losses];
    }
}
