using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Methods;

/// <summary>The documents of pairs of a success and a failure, and which of them are compared.</summary>
internal static class PairedDocuments
{
    /// <summary>All answers of both. A try that is in several pairs has its documents once.</summary>
    public static (List<LearningDocument> Documents, List<LearningUnit> Units) Of(IReadOnlyList<(Try Success, Try Failure)> pairs)
    {
        var (documents, units, places) = (new List<LearningDocument>(), new List<LearningUnit>(), new Dictionary<Try, int>());
        foreach (var (success, failure) in pairs.Where(pair => FirstDifference(pair.Success, pair.Failure) is not null))
        {
            units.Add(new LearningUnit([.. Place(success), .. Place(failure)], success.Documents.Count));
        }

        return (documents, units);

        IEnumerable<int> Place(Try attempt)
        {
            if (!places.TryGetValue(attempt, out var first))
            {
                places.Add(attempt, first = documents.Count);
                documents.AddRange(attempt.Documents.Select(document => new LearningDocument(document)));
            }

            return Enumerable.Range(first, attempt.Documents.Count);
        }
    }

    /// <summary>The first answer in which both differ; what both begin with is context.</summary>
    public static (List<LearningDocument> Documents, List<LearningUnit> Units) OfSteps(IReadOnlyList<(Try Success, Try Failure)> pairs)
    {
        var (documents, units) = (new List<LearningDocument>(), new List<LearningUnit>());
        foreach (var (success, failure) in pairs)
        {
            if (FirstDifference(success, failure) is var (document, token)
                && AnswerAt(success.Documents[document], token) is { } better && AnswerAt(failure.Documents[document], token) is { } worse)
            {
                units.Add(new LearningUnit([documents.Count, documents.Count + 1], 1));
                documents.AddRange([new LearningDocument(better), new LearningDocument(worse)]);
            }
        }

        return (documents, units);
    }

    /// <summary>The first document of both that differs, and the first token in it; null if all are the same.</summary>
    private static (int Document, int Token)? FirstDifference(Try success, Try failure)
    {
        for (var d = 0; d < Math.Min(success.Documents.Count, failure.Documents.Count); d++)
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

    /// <summary>
    /// The document with the answer alone in the loss that holds a token or is the first after it; null if there is none.
    /// </summary>
    private static TokenizedDocument? AnswerAt(TokenizedDocument document, int token)
    {
        if (document.Content.RunAt(token) is not { } run)
        {
            return null;
        }

        var answer = run with { Start = token == 0 ? run.Start : Math.Max(run.Start, 1) };
        return document with { Content = document.Content with { Runs = new[] { answer } } };
    }
}
