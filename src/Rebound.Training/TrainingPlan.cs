using Rebound.Engine;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training;

/// <summary>One optimizer step: the batches whose gradients it sums.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Epoch">Passes over the documents when the step is done.</param>
/// <param name="SupervisedTokens">Of all batches: the denominator of the loss.</param>
public sealed record OptimizerStep(int Number, double Epoch, IReadOnlyList<PackedBatch> Batches, int SupervisedTokens)
{
    public int Tokens => Batches.Sum(batch => batch.TokenCount);

    public int Documents => Batches.Sum(batch => batch.DocumentCount);
}

/// <summary>
/// Which documents every optimizer step of a run reads, known before the first one. A step is a function of the
/// documents, the seed and its number alone, so a run can begin at any step.
/// <para>
/// Every epoch is shuffled anew and cut into steps of batch size × accumulation steps documents. Tokens after a
/// document's last supervised one are left out: attention is causal, so no loss depends on them.
/// </para>
/// </summary>
public sealed class TrainingPlan
{
    private readonly IReadOnlyList<TokenizedDocument> _documents;
    private readonly TrainingOptions _options;
    private readonly int[] _lengths;
    private (int Epoch, int[] Order) _shuffled = (-1, []);

    /// <exception cref="ArgumentException">There are no documents, or one has no supervised token.</exception>
    public TrainingPlan(IReadOnlyList<TokenizedDocument> documents, TrainingOptions options)
    {
        if (documents.Count == 0)
        {
            throw new ArgumentException("There are no documents to train on.", nameof(documents));
        }

        _documents = documents;
        _options = options;
        _lengths = [.. documents.Select(TrainedLength)];
        StepDocuments = options.BatchSize * options.AccumulationSteps;
        StepsPerEpoch = (documents.Count + StepDocuments - 1) / StepDocuments;
        TotalSteps = options.MaxSteps ?? Math.Max(1, (int)Math.Ceiling(options.Epochs * StepsPerEpoch));
        for (var step = 0; step < TotalSteps; step++)
        {
            var packs = Packs(step);
            TotalBatches += packs.Length;
            TotalTokens += packs.Sum(pack => pack.Sum(document => (long)_lengths[document]));
            LargestBatch = Math.Max(LargestBatch, packs.Max(pack => pack.Sum(document => _lengths[document])));
        }
    }

    /// <summary>Documents of an optimizer step; the last one of an epoch may have fewer.</summary>
    public int StepDocuments { get; }

    public int StepsPerEpoch { get; }

    public int TotalSteps { get; }

    /// <summary>Forward and backward passes of the whole run.</summary>
    public int TotalBatches { get; }

    /// <summary>Tokens that the whole run reads.</summary>
    public long TotalTokens { get; }

    /// <summary>Tokens of the largest batch of the run: what memory is planned for.</summary>
    public int LargestBatch { get; }

    /// <summary>The steps from a given one to the last.</summary>
    /// <param name="first">1 for the whole run.</param>
    public IEnumerable<OptimizerStep> Steps(int first = 1)
    {
        for (var step = first - 1; step < TotalSteps; step++)
        {
            var batches = Packs(step).Select(Batch).ToArray();
            var supervised = batches.Sum(batch => batch.SupervisedRows.Length);
            var epoch = (step / StepsPerEpoch) + ((step % StepsPerEpoch) + 1.0) / StepsPerEpoch;
            yield return new OptimizerStep(step + 1, epoch, batches, supervised);
        }
    }

    /// <summary>Documents of each batch of a step, counted from 0.</summary>
    private int[][] Packs(int step)
    {
        var start = step % StepsPerEpoch * StepDocuments;
        var documents = Order(step / StepsPerEpoch).AsSpan(start, Math.Min(StepDocuments, _documents.Count - start)).ToArray();
        var packs = BestFitPacking.Pack([.. documents.Select(document => _lengths[document])], _options.PackTokens);
        return [.. packs.Select(pack => pack.Select(index => documents[index]).ToArray())];
    }

    private int[] Order(int epoch)
    {
        if (_shuffled.Epoch != epoch)
        {
            var order = Enumerable.Range(0, _documents.Count).ToArray();
            new PythonRandom(_options.Seed + epoch).Shuffle(order.AsSpan());
            _shuffled = (epoch, order);
        }

        return _shuffled.Order;
    }

    private PackedBatch Batch(int[] documents)
    {
        var starts = new int[documents.Length + 1];
        for (var d = 0; d < documents.Length; d++)
        {
            starts[d + 1] = starts[d] + _lengths[documents[d]];
        }

        var (tokens, labels) = (new int[starts[^1]], new int[starts[^1]]);
        for (var d = 0; d < documents.Length; d++)
        {
            var document = _documents[documents[d]];
            document.Tokens.AsSpan(0, _lengths[documents[d]]).CopyTo(tokens.AsSpan(starts[d]));
            document.Labels.AsSpan(0, _lengths[documents[d]]).CopyTo(labels.AsSpan(starts[d]));
        }

        return new PackedBatch(tokens, starts, labels);
    }

    private static int TrainedLength(TokenizedDocument document)
    {
        var last = document.Labels.AsSpan().LastIndexOfAnyExcept(TokenizedDocument.IgnoreLabel);
        return last > 0
            ? last + 1
            : throw new ArgumentException($"Document {document.Id} has no supervised token.", nameof(document));
    }
}
