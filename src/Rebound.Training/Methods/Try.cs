using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Methods;

/// <summary>One trajectory: a try at its question, and the documents that were rendered of it.</summary>
/// <param name="data">The documents of a data set.</param>
/// <param name="start">The first of its own.</param>
/// <param name="count">How many they are.</param>
internal sealed class Try(IReadOnlyList<TokenizedDocument> data, int start, int count)
{
    /// <summary>Its first document, which may be its only one.</summary>
    public TokenizedDocument First => data[start];

    /// <summary>The place of its first document in the data set; the others follow.</summary>
    public int Place => start;

    /// <summary>How many documents it has.</summary>
    public int Count => count;

    /// <summary>The places of its documents in the data set.</summary>
    public IEnumerable<int> Places => Enumerable.Range(start, count);

    public IReadOnlyList<TokenizedDocument> Documents => [.. Places.Select(place => data[place])];

    public string Question => First.Question;

    public bool IsScored => First.Outcome is Outcome.Positive or Outcome.Negative;

    public bool Failed => First.Outcome == Outcome.Negative;

    public double Weight => First.Weight;

    /// <summary>The reward, or 1 and 0 for what the outcome says.</summary>
    public double Reward => First.Reward ?? (Failed ? 0 : 1);

    /// <summary>The tries of a data set: the documents of one are those of one row.</summary>
    public static IReadOnlyList<Try> Of(IReadOnlyList<TokenizedDocument> documents)
    {
        var tries = new List<Try>();
        var start = 0;
        TokenizedDocument? last = null;
        foreach (var (place, document) in documents.Index())
        {
            if (last is not null && (document.Row <= 0 || (last.File, last.Row) != (document.File, document.Row)))
            {
                tries.Add(new Try(documents, start, place - start));
                start = place;
            }

            last = document;
        }

        if (documents.Count > start)
        {
            tries.Add(new Try(documents, start, documents.Count - start));
        }

        return tries;
    }
}
