using Rebound.Files.Messages;
using Rebound.Python;
using Rebound.Training.Methods;
using Rebound.Training.Ranks;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training;

/// <summary>
/// Which documents every optimizer step of a run reads, known before the first one. A step is a function of the
/// documents, the seed and its number alone, so a run can begin at any step.
/// <para>
/// Every epoch is shuffled anew and cut into steps of batch size × accumulation steps × ranks documents, or what a method reads together
/// (<see cref="LearningUnit"/>). A step is packed whole, and its batches are dealt to the ranks. Tokens after a document's last supervised
/// one are left out: attention is causal, so no loss depends on them.
/// </para>
/// </summary>
public sealed class TrainingPlan
{
    /// <summary>Steps that a run may have: what is planned of each is kept.</summary>
    public const int MostSteps = 10_000_000;

    private readonly TrainingOptions _options;
    private readonly int _rank;
    private readonly int[] _lengths;
    private readonly int[] _stepTokens;
    private (int Epoch, int[] Order) _shuffled = (-1, []);
    private int[] _largest = [];

    /// <summary>A plan over documents that all count alike.</summary>
    /// <inheritdoc cref="TrainingPlan(LearningSet, TrainingOptions, int)" path="/exception"/>
    public TrainingPlan(IReadOnlyList<TokenizedDocument> documents, TrainingOptions options)
        : this(LearningSet.Plain(documents), options)
    {
    }

    /// <param name="rank">The rank whose batches the steps have: 0 to <see cref="TrainingOptions.Ranks"/> − 1.</param>
    /// <exception cref="ArgumentException">There are no documents, one has no supervised token, or steps are more
    /// than <see cref="MostSteps"/>.</exception>
    /// <exception cref="OptionsException">
    /// The options are wrong, all problems are told; or there are fewer documents than ranks.
    /// </exception>
    public TrainingPlan(LearningSet data, TrainingOptions options, int rank = 0)
    {
        OptionsException.ThrowIfAny(options.Validate());
        if (data.Units.Count == 0)
        {
            throw new ArgumentException("There are no documents to train on.", nameof(data));
        }

        if (data.Units.Count < options.Ranks)
        {
            var what = data.Method == TrainingMethod.Dpo ? "pairs" : "documents";
            throw new OptionsException(
                nameof(options.Ranks),
                $"{data.Units.Count:N0} {what} cannot be divided over {options.Ranks} ranks: a step needs one for each.");
        }

        Data = data;
        _rank = rank;
        _options = options;
        _lengths = [.. data.Units.Select(data.LengthOf)];
        StepDocuments = (int)Math.Min(data.Units.Count, options.StepDocuments);
        StepsPerEpoch = ((data.Units.Count - 1) / StepDocuments) + 1;
        var steps = options.MaxSteps ?? Math.Max(1, Math.Ceiling(options.Epochs * StepsPerEpoch));
        TotalSteps = steps <= MostSteps
            ? (int)steps
            : throw new ArgumentException(
                $"The run would have {steps:N0} steps, and at most {MostSteps:N0} can be planned: ask for fewer steps or epochs.",
                nameof(options));
        _stepTokens = new int[TotalSteps];
        for (var step = 0; step < TotalSteps; step++)
        {
            var packs = Packs(UnitsOf(step));
            TotalBatches += packs.Length;
            _stepTokens[step] = packs.Sum(TokensOf);
            TotalTokens += _stepTokens[step];
            var largest = packs.MaxBy(TokensOf)!;
            if (TokensOf(largest) > LargestBatch)
            {
                (_largest, LargestBatch) = (largest, TokensOf(largest));
            }
        }
    }

    /// <summary>The documents that are learned from.</summary>
    public LearningSet Data { get; }

    /// <summary>Documents, or pairs, of an optimizer step, at most all there are; the last one of an epoch may have fewer.</summary>
    public int StepDocuments { get; }

    public int StepsPerEpoch { get; }

    public int TotalSteps { get; }

    /// <summary>Forward and backward passes of the whole run, of all ranks.</summary>
    public int TotalBatches { get; }

    /// <summary>Tokens that the whole run reads, of all ranks.</summary>
    public long TotalTokens { get; }

    /// <summary>Tokens of the largest batch of the run, of all ranks: what memory is planned for.</summary>
    public int LargestBatch { get; }

    /// <summary>Whether the run reads each of the documents; it reads a part alone where it ends before its first epoch does.</summary>
    public bool[] ReadDocuments()
    {
        var read = new bool[Data.Documents.Count];
        foreach (var unit in Order(epoch: 0).Take(TotalSteps < StepsPerEpoch ? TotalSteps * StepDocuments : _lengths.Length))
        {
            foreach (var document in Data.Units[unit].Documents)
            {
                read[document] = true;
            }
        }

        return read;
    }

    /// <summary>Tokens that the run reads from a step on.</summary>
    /// <param name="first">1 for the whole run.</param>
    public long TokensFrom(int first) => _stepTokens.Skip(first - 1).Sum(tokens => (long)tokens);

    /// <summary>The batch of <see cref="LargestBatch"/> tokens: the one to try first.</summary>
    public StepBatch Largest() => Batch(_largest);

    /// <summary>The steps from a given one to the last.</summary>
    /// <param name="first">1 for the whole run.</param>
    public IEnumerable<OptimizerStep> Steps(int first = 1)
    {
        for (var step = first - 1; step < TotalSteps; step++)
        {
            var packs = Packs(UnitsOf(step));
            int[] tokens = [.. packs.Select(TokensOf)];
            var division = BatchDivision.Of(tokens, _options.Ranks);
            var passes = Enumerable.Range(0, division.Max(own => own.Length))
                .Select(pass => division.Sum(own => pass < own.Length ? tokens[own[pass]] : 0));
            LearningUnit[] units = [.. packs.SelectMany(pack => pack).Select(unit => Data.Units[unit])];
            yield return new OptimizerStep(
                step + 1, EpochAfter(step + 1), units, [.. division[_rank].Select(pack => Batch(packs[pack]))], [.. passes])
            {
                Documents = units.Sum(unit => unit.Documents.Length),
                SupervisedTokens = units.Sum(unit => unit.Documents.Sum(document => Data.Documents[document].SupervisedTokens)),
            };
        }
    }

    /// <summary>Epochs after a number of steps.</summary>
    public double EpochAfter(int steps) => (steps / StepsPerEpoch) + ((double)(steps % StepsPerEpoch) / StepsPerEpoch);

    /// <summary>The units of a step, counted from 0.</summary>
    private int[] UnitsOf(int step)
    {
        var start = step % StepsPerEpoch * StepDocuments;
        return Order(step / StepsPerEpoch).AsSpan(start, Math.Min(StepDocuments, _lengths.Length - start)).ToArray();
    }

    /// <summary>Units of each batch, of all ranks.</summary>
    private int[][] Packs(int[] units)
    {
        var packs = EvenPacking.Pack([.. units.Select(unit => _lengths[unit])], _options.PackTokens, _options.Ranks);
        return [.. packs.Select(pack => pack.Select(index => units[index]).ToArray())];
    }

    private int[] Order(int epoch)
    {
        if (_shuffled.Epoch != epoch)
        {
            var order = Enumerable.Range(0, _lengths.Length).ToArray();
            new PythonRandom(_options.Seed + epoch).Shuffle(order.AsSpan());
            _shuffled = (epoch, order);
        }

        return _shuffled.Order;
    }

    private int TokensOf(int[] pack) => pack.Sum(unit => _lengths[unit]);

    private StepBatch Batch(int[] pack) => Data.Batch([.. pack.Select(index => Data.Units[index])]);
}
