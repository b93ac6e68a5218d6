using Rebound.Training.Documents;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Evaluation;

/// <summary>Documents divided by question (<see cref="QuestionSplit"/>).</summary>
public sealed record HeldOutSplit(
    IReadOnlyList<TokenizedDocument> Training, IReadOnlyList<TokenizedDocument> HeldOut, int HeldOutQuestions)
{
    /// <exception cref="ArgumentException">Nothing would be left to train on.</exception>
    public static HeldOutSplit Of(IReadOnlyList<TokenizedDocument> documents, HeldOutAmount amount, long seed)
    {
        var heldOut = QuestionSplit.HeldOut(documents.Select(document => (document.Question, document.Outcome)), amount, seed);
        var sides = Enumerable.Range(0, documents.Count).ToLookup(place => heldOut.Contains(documents[place].Question));
        return new HeldOutSplit(At([.. sides[false]]), At([.. sides[true]]), heldOut.Count);

        IReadOnlyList<TokenizedDocument> At(int[] places) =>
            new ListView<TokenizedDocument>(places.Length, index => documents[places[index]]);
    }
}
