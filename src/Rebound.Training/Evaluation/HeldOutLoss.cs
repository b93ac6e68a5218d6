using Rebound.Engine;
using Rebound.Models;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Evaluation;

/// <summary>Measures the loss of documents that are not trained on, for all together and for each outcome.</summary>
public sealed class HeldOutLoss
{
    private readonly LlamaModel _model;
    private readonly TimeProvider _time;
    private readonly (string Outcome, PackedBatch[] Batches)[] _outcomes;

    /// <param name="packTokens">Tokens of a batch at most, or of one document that is longer.</param>
    /// <exception cref="ArgumentException">There are no documents, or one has no supervised token.</exception>
    public HeldOutLoss(LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int packTokens, TimeProvider time)
    {
        if (documents.Count == 0)
        {
            throw new ArgumentException("There are no held-out documents.", nameof(documents));
        }

        _model = model;
        _time = time;
        _outcomes = [.. documents.GroupBy(document => document.Outcome).Select(group => (group.Key, Pack([.. group], packTokens)))];
    }

    /// <summary>Tokens of the largest batch, which is what memory is needed for; 0 for no documents.</summary>
    public static int LargestBatch(IReadOnlyList<TokenizedDocument> documents, int packTokens) => documents
        .GroupBy(document => document.Outcome)
        .SelectMany(group => Pack([.. group], packTokens))
        .Select(batch => batch.TokenCount)
        .DefaultIfEmpty()
        .Max();

    public HeldOutReport Measure()
    {
        var start = _time.GetTimestamp();
        var (all, supervised) = (0.0, 0L);
        var parts = new List<(string, double)>();
        foreach (var (outcome, batches) in _outcomes)
        {
            var sum = 0.0;
            foreach (var batch in batches)
            {
                sum += _model.Loss(batch);
            }

            var count = batches.Sum(batch => batch.SupervisedRows.Length);
            parts.Add((outcome, sum / count));
            (all, supervised) = (all + sum, supervised + count);
        }

        return new HeldOutReport(all / supervised, parts, _time.GetElapsedTime(start).TotalSeconds);
    }

    private static PackedBatch[] Pack(TokenizedDocument[] documents, int packTokens) =>
    [
        .. BestFitPacking.Pack([.. documents.Select(DocumentBatch.LengthOf)], packTokens)
            .Select(pack => DocumentBatch.Of([.. pack.Select(index => documents[index])])),
    ];
}
