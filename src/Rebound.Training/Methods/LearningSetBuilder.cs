using Rebound.Files.Messages;
using Rebound.Training.Documents;
using Rebound.Training.Runs;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Methods;

/// <summary>
/// Makes of rendered documents what a method learns from. It keeps their places alone: a document is taken from the data set whenever it is
/// asked for.
/// </summary>
internal sealed class LearningSetBuilder
{
    /// <summary>The place of a document that is not there.</summary>
    private const int None = -1;

    private readonly IReadOnlyList<TokenizedDocument> _documents;
    private readonly TrainingMethod _method;
    private readonly MethodOptions _options;
    private readonly List<LeftOut> _leftOut = [];
    private readonly List<Try> _tries;

    private LearningSetBuilder(IReadOnlyList<TokenizedDocument> documents, TrainingMethod method, MethodOptions options)
    {
        (_documents, _method, _options) = (documents, method, options);
        _tries = Keep(Try.Of(documents), attempt => attempt.Weight > 0, "trajectories that weigh 0");
        if (method == TrainingMethod.Weighted && options.NegativeWeight == 0)
        {
            _tries = Keep(_tries, attempt => !attempt.Failed, "failures, which are to weigh 0");
        }
    }

    /// <param name="documents">Of a data set, in its order.</param>
    /// <param name="seed">Of what is drawn: the answers that <c>kto</c> puts after other prompts.</param>
    /// <exception cref="OptionsException">The method can learn from none of them; the message says what it needs.</exception>
    public static LearningSet Build(
        IReadOnlyList<TokenizedDocument> documents, TrainingMethod method, MethodOptions options, long seed)
    {
        var builder = new LearningSetBuilder(documents, method, options);
        return method switch
        {
            TrainingMethod.Dpo => builder.Pairs(),
            TrainingMethod.Kto => builder.Tries(tries => Mismatches.Of(tries, seed)),
            TrainingMethod.ApoZero => builder.Tries(tries => new Try?[tries.Count]),
            TrainingMethod.Nft or TrainingMethod.Grpo => builder.Groups(),
            _ => builder.Documents(),
        };
    }

    private LearningSet Documents()
    {
        var (documents, places) = (_documents, _tries.SelectMany(attempt => attempt.Places).ToArray());
        return Apart(
            new ListView<LearningDocument>(places.Length, index => new LearningDocument(documents[places[index]])),
            "trajectories that weigh more than 0");
    }

    /// <summary>Tries at questions whose tries did not all end alike.</summary>
    private LearningSet Groups()
    {
        var groups = QuestionGroups.Of(Scored());
        Tell(groups.Alike, "tries at questions whose tries all ended alike");
        var (documents, graded) = (_documents, new List<(int Place, double Rate, double Advantage)>());
        foreach (var attempt in groups.Tries)
        {
            graded.AddRange(attempt.Try.Places.Select(place => (place, attempt.Rate, attempt.Advantage)));
        }

        return Apart(
            new ListView<LearningDocument>(graded.Count, index => new LearningDocument(documents[graded[index].Place])
            {
                SuccessRate = graded[index].Rate,
                Advantage = graded[index].Advantage,
            }),
            "several tries at a question that did not all end alike");
    }

    /// <summary>Successes and failures, the documents of each together.</summary>
    /// <param name="mismatched">For each try the one whose answer is put after its first document's prompt.</param>
    private LearningSet Tries(Func<IReadOnlyList<Try>, IReadOnlyList<Try?>> mismatched)
    {
        var tries = Scored();
        if (!tries.Exists(attempt => attempt.Failed) || tries.TrueForAll(attempt => attempt.Failed))
        {
            throw Lacking("successes and failures");
        }

        var (documents, places, starts) = (_documents, new List<(int Place, int Other)>(), new List<int> { 0 });
        foreach (var (attempt, other) in tries.Zip(mismatched(tries)))
        {
            places.AddRange(attempt.Places.Select(place => (place, place == attempt.Place ? other?.Place ?? None : None)));
            starts.Add(places.Count);
        }

        return Set(
            new ListView<LearningDocument>(places.Count, index => new LearningDocument(documents[places[index].Place])
            {
                OtherAnswer = places[index].Other == None ? null : documents[places[index].Other],
            }),
            LearningUnit.OfTries([.. starts]));
    }

    /// <summary>A success and a failure of the same question: each try of the side that has more of them once.</summary>
    private LearningSet Pairs()
    {
        var pairs = new List<(Try Success, Try Failure)>();
        var tries = Scored();
        foreach (var question in tries.GroupBy(attempt => attempt.Question))
        {
            var failures = question.Where(attempt => attempt.Failed).ToArray();
            var successes = question.Where(attempt => !attempt.Failed).ToArray();
            var count = Math.Min(failures.Length, successes.Length) == 0 ? 0 : Math.Max(failures.Length, successes.Length);
            pairs.AddRange(Enumerable.Range(0, count).Select(i => (successes[i % successes.Length], failures[i % failures.Length])));
        }

        var partners = pairs.SelectMany(pair => new[] { pair.Success, pair.Failure }).ToHashSet();
        Tell(tries.Count(attempt => !attempt.Failed && !partners.Contains(attempt)), "successes whose question has no failure");
        Tell(tries.Count(attempt => attempt.Failed && !partners.Contains(attempt)), "failures whose question has no success");
        var paired = new PairedDocuments(_documents);
        var (documents, units) = _options.Pairs == PairScope.Step ? paired.OfSteps(pairs) : paired.Of(pairs);
        Tell(pairs.Count - units.Count, "pairs without two answers that differ");
        return units.Count > 0 ? Set(documents, units) : throw Lacking("a success and a failure of the same question");
    }

    /// <summary>Every document for itself.</summary>
    /// <param name="needed">What there has to be, where there is none.</param>
    private LearningSet Apart(ListView<LearningDocument> documents, string needed) => documents.Count > 0
        ? Set(documents, LearningUnit.Apart(documents.Count))
        : throw Lacking(needed);

    private LearningSet Set(IReadOnlyList<LearningDocument> documents, IReadOnlyList<LearningUnit> units) =>
        new(_method, _options, documents, units, _leftOut);

    private List<Try> Scored() => Keep(_tries, attempt => attempt.IsScored, "trajectories that were not scored");

    private List<Try> Keep(IReadOnlyList<Try> tries, Func<Try, bool> keep, string others)
    {
        var kept = tries.Where(keep).ToList();
        Tell(tries.Count - kept.Count, others);
        return kept;
    }

    private void Tell(int count, string what)
    {
        if (count > 0)
        {
            _leftOut.Add(new LeftOut(count, what));
        }
    }

    private OptionsException Lacking(string needed)
    {
        var (successes, failures) = (_tries.Count(attempt => attempt.IsScored && !attempt.Failed), _tries.Count(attempt => attempt.Failed));
        var questions = _tries.Select(attempt => attempt.Question).Distinct().Count();
        var counts = $"There are {successes:N0} successes, {failures:N0} failures and {_tries.Count - successes - failures:N0} "
            + $"trajectories without an outcome, of {questions:N0} questions";
        return new OptionsException(
            nameof(RunOptions.Data),
            $"The method {_method.Name()} needs {needed}. {counts}.");
    }
}
