using Rebound.Training.Documents;

namespace Rebound.Training.Methods;

/// <summary>Documents whose losses are needed together, and which therefore share a batch: mostly one.</summary>
/// <param name="Documents">Indices of documents: those of a success come first.</param>
/// <param name="Preferred">How many of them are those of a pair's success; the others are those of its failure.</param>
public sealed record LearningUnit(int[] Documents, int Preferred)
{
    /// <summary>Documents each of which is a unit.</summary>
    internal static IReadOnlyList<LearningUnit> Apart(int documents) =>
        new ListView<LearningUnit>(documents, document => new LearningUnit([document], 1));

    /// <summary>Tries each of which is a unit.</summary>
    /// <param name="starts">The first document of each, and behind the last one their number.</param>
    internal static IReadOnlyList<LearningUnit> OfTries(int[] starts) => new ListView<LearningUnit>(starts.Length - 1, attempt =>
    {
        var count = starts[attempt + 1] - starts[attempt];
        return new LearningUnit([.. Enumerable.Range(starts[attempt], count)], count);
    });
}
