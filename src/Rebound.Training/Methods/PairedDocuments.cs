using Rebound.Training.Documents;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Methods;

/// <summary>The documents of pairs of a success and a failure, and which of them are compared.</summary>
/// <param name="data">The documents of a data set.</param>
internal sealed class PairedDocuments(IReadOnlyList<TokenizedDocument> data)
{
    /// <summary>All answers of both. A try that is in several pairs has its documents once.</summary>
    public (IReadOnlyList<LearningDocument> Documents, IReadOnlyList<LearningUnit> Units) Of(
        IReadOnlyList<(Try Success, Try Failure)> pairs)
    {
        var (places, starts, compared) = (new List<int>(), new Dictionary<Try, int>(), new List<Compared>());
        foreach (var (success, failure) in pairs.Where(pair => FirstDifference(pair.Success, pair.Failure) is not null))
        {
            compared.Add(new Compared(Start(success), success.Count, Start(failure), failure.Count));
        }

        return (
            new ListView<LearningDocument>(places.Count, index => new LearningDocument(data[places[index]])),
            new ListView<LearningUnit>(compared.Count, index => compared[index].Unit));

        int Start(Try attempt)
        {
            if (!starts.TryGetValue(attempt, out var start))
            {
                starts.Add(attempt, start = places.Count);
                places.AddRange(attempt.Places);
            }

            return start;
        }
    }

    /// <summary>The first answer in which both differ; what both begin with is context.</summary>
    public (IReadOnlyList<LearningDocument> Documents, IReadOnlyList<LearningUnit> Units) OfSteps(
        IReadOnlyList<(Try Success, Try Failure)> pairs)
    {
        var answers = new List<(int Place, LossRun Answer)>();
        foreach (var (success, failure) in pairs)
        {
            if (FirstDifference(success, failure) is var (document, token)
                && AnswerAt(success.Documents[document], token) is { } better && AnswerAt(failure.Documents[document], token) is { } worse)
            {
                answers.AddRange([(success.Place + document, better), (failure.Place + document, worse)]);
            }
        }

        return (
            new ListView<LearningDocument>(
                answers.Count, index => new LearningDocument(With(data[answers[index].Place], answers[index].Answer))),
            new ListView<LearningUnit>(answers.Count / 2, pair => new LearningUnit([2 * pair, (2 * pair) + 1], 1)));
    }

    /// <summary>The first document of both that differs, and the first token in it; null if all are the same.</summary>
    private static (int Document, int Token)? FirstDifference(Try success, Try failure)
    {
        for (var d = 0; d < Math.Min(success.Count, failure.Count); d++)
        {
            var ours = success.Documents[d].Content.Tokens.Span;
            var theirs = failure.Documents[d].Content.Tokens.Span;
            var common = ours.CommonPrefixLength(theirs);
            if (common < ours.Length || common < theirs.Length)
            {
                return (d, common);
            }
        }

        return null;
    }

    /// <summary>The answer that holds a token or is the first after it; null if there is none.</summary>
    private static LossRun? AnswerAt(TokenizedDocument document, int token) => document.Content.RunAt(token) is { } run
        ? run with { Start = token == 0 ? run.Start : Math.Max(run.Start, 1) }
        : null;

    /// <summary>The document with one answer alone in the loss.</summary>
    private static TokenizedDocument With(TokenizedDocument document, LossRun answer) =>
        document with { Content = document.Content with { Runs = new[] { answer } } };

    /// <summary>A success and a failure: where the documents of each begin, and how many they are.</summary>
    private readonly record struct Compared(int Success, int Successes, int Failure, int Failures)
    {
        public LearningUnit Unit =>
            new([.. Enumerable.Range(Success, Successes), .. Enumerable.Range(Failure, Failures)], Successes);
    }
}
