using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Training.Documents;
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
        new ListView<float[]>(data.Documents.Count, document => new float[data.Documents[document].SupervisedTokens]),
        new ListView<float[]>(data.Documents.Count, document => new float[data.Documents[document].Mismatched?.SupervisedTokens ?? 0]));

    /// <summary>
    /// Computes them with the model that training starts from, save those that the collection kept, and holds them in memory.
    /// </summary>
    /// <param name="read">Whether training reads each of the documents; of others there are none.</param>
    /// <param name="ranks">Those that share the reading, and all get the result; null for the only one.</param>
    /// <inheritdoc cref="DocumentLosses.Of" path="/param"/>
    public static Baseline Compute(
        LearningSet data, bool[] read, LlamaModel model, int packTokens, Communicator? ranks = null, Action<int>? onBatch = null,
        CancellationToken cancellation = default)
    {
        float[][] documents = [.. read.Select(_ => Array.Empty<float>())];
        float[][] mismatched = [.. documents];
        Read(
            data, read, model, packTokens, ranks,
            (document, losses) => documents[document] = losses.ToArray(),
            (document, losses) => mismatched[document] = losses.ToArray(),
            onBatch, cancellation);
        return new Baseline(documents, mismatched);
    }

    /// <summary>Tokens that a model has to read for it.</summary>
    /// <inheritdoc cref="Compute" path="/param[@name='read']"/>
    public static long TokensToRead(LearningSet data, bool[] read)
    {
        var (documents, mismatched) = ToRead(data, read);
        return documents.Sum(place => (long)DocumentBatch.LengthOf(data.Documents[place].Document))
            + mismatched.Sum(place => (long)DocumentBatch.LengthOf(data.Documents[place].Mismatched!));
    }

    /// <summary>Computes them, and keeps none.</summary>
    /// <param name="document">Takes those of a document.</param>
    /// <param name="mismatched">Takes those of a document's mismatched one.</param>
    /// <inheritdoc cref="Compute" path="/param"/>
    internal static void Read(
        LearningSet data, bool[] read, LlamaModel model, int packTokens, Communicator? ranks, TakeLosses document, TakeLosses mismatched,
        Action<int>? onBatch, CancellationToken cancellation)
    {
        for (var place = 0; place < read.Length; place++)
        {
            if (read[place] && KeptIn(data, place) is { } kept)
            {
                document(place, kept);
            }
        }

        var places = ToRead(data, read);
        SharedReading.Read(
            model, new ListView<TokenizedDocument>(places.Documents.Length, index => data.Documents[places.Documents[index]].Document),
            packTokens, ranks, (index, losses) => document(places.Documents[index], losses), onBatch, cancellation: cancellation);
        SharedReading.Read(
            model, new ListView<TokenizedDocument>(places.Mismatched.Length, index => data.Documents[places.Mismatched[index]].Mismatched!),
            packTokens, ranks, (index, losses) => mismatched(places.Mismatched[index], losses), onBatch, cancellation: cancellation);
    }

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

    /// <summary>The places of the documents that a model has to read, and of those whose mismatched ones it has to.</summary>
    private static (int[] Documents, int[] Mismatched) ToRead(LearningSet data, bool[] read)
    {
        var places = Enumerable.Range(0, read.Length).Where(place => read[place]);
        return (
            [.. places.Where(place => KeptIn(data, place) is null)],
            [.. places.Where(place => data.Documents[place].Mismatched is not null)]);
    }

    private static float[]? KeptIn(LearningSet data, int place) =>
        data.Baseline == BaselineKind.Sampling ? Kept(data.Documents[place].Document) : null;
}
