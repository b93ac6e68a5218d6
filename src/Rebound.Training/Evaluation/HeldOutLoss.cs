using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models;
using Rebound.Training.Ranks;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Evaluation;

/// <summary>Measures the loss of documents that are not trained on, for all together and for each outcome.</summary>
public sealed class HeldOutLoss
{
    private readonly LlamaModel _model;
    private readonly TimeProvider _time;
    private readonly Communicator? _ranks;
    private readonly (string Outcome, PackedBatch[] Batches, int Passes, long Supervised)[] _outcomes;

    /// <param name="packTokens">Tokens of a batch at most, or of one document that is longer.</param>
    /// <param name="ranks">Those that share the documents, and all get the result; null for the only one.</param>
    /// <exception cref="ArgumentException">There are no documents, or one has no supervised token.</exception>
    public HeldOutLoss(
        LlamaModel model, IReadOnlyList<TokenizedDocument> documents, int packTokens, TimeProvider time, Communicator? ranks = null)
    {
        if (documents.Count == 0)
        {
            throw new ArgumentException("There are no held-out documents.", nameof(documents));
        }

        _model = model;
        _time = time;
        _ranks = ranks;
        _outcomes =
        [
            .. documents.GroupBy(document => document.Outcome).Select(group => (
                group.Key, Own([.. group], packTokens, ranks, out var passes), passes,
                group.Sum(document => (long)document.SupervisedTokens))),
        ];
    }

    /// <summary>Tokens of the largest batch, which is what memory is needed for; 0 for no documents.</summary>
    public static int LargestBatch(IReadOnlyList<TokenizedDocument> documents, int packTokens, int ranks = 1) => documents
        .GroupBy(document => document.Outcome)
        .SelectMany(group => Packs([.. group], packTokens, ranks))
        .Select(pack => pack.Sum(DocumentBatch.LengthOf))
        .DefaultIfEmpty()
        .Max();

    public HeldOutReport Measure()
    {
        var start = _time.GetTimestamp();
        var (all, supervised) = (0.0, 0L);
        var parts = new List<(string, double)>();
        foreach (var (outcome, batches, passes, count) in _outcomes)
        {
            var sum = 0.0;
            foreach (var batch in batches)
            {
                sum += _model.Loss(batch);
            }

            for (var pass = batches.Length; pass < passes; pass++)
            {
                _model.PassOver(backward: false);
            }

            sum = _ranks?.Sum(sum) ?? sum;
            parts.Add((outcome, sum / count));
            (all, supervised) = (all + sum, supervised + count);
        }

        return new HeldOutReport(all / supervised, parts, _time.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>The batches that a rank measures.</summary>
    /// <param name="passes">The most that any rank measures.</param>
    private static PackedBatch[] Own(TokenizedDocument[] documents, int packTokens, Communicator? ranks, out int passes)
    {
        var packs = Packs(documents, packTokens, ranks?.Size ?? 1);
        var division = BatchDivision.Of([.. packs.Select(pack => pack.Sum(DocumentBatch.LengthOf))], ranks?.Size ?? 1);
        passes = division.Max(own => own.Length);
        return [.. division[ranks?.Rank ?? 0].Select(pack => DocumentBatch.Of(packs[pack]))];
    }

    /// <summary>The documents of each batch, of all ranks.</summary>
    private static TokenizedDocument[][] Packs(TokenizedDocument[] documents, int packTokens, int ranks)
    {
        int[] lengths = [.. documents.Select(DocumentBatch.LengthOf)];
        var packs = ranks == 1 ? BestFitPacking.Pack(lengths, packTokens) : EvenPacking.Pack(lengths, packTokens, ranks);
        return [.. packs.Select(pack => pack.Select(index => documents[index]).ToArray())];
    }
}
