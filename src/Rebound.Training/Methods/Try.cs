using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Methods;

/// <summary>One trajectory: a try at its question, and the documents that were rendered of it.</summary>
internal sealed record Try(IReadOnlyList<TokenizedDocument> Documents)
{
    private TokenizedDocument First => Documents[0];

    public string Question => First.Question;

    public bool IsScored => First.Outcome is Outcome.Positive or Outcome.Negative;

    public bool Failed => First.Outcome == Outcome.Negative;

    public double Weight => First.Weight;

    /// <summary>The reward, or 1 and 0 for what the outcome says.</summary>
    public double Reward => First.Reward ?? (Failed ? 0 : 1);

    /// <summary>The tries of a data set: the documents of one are those of one row.</summary>
    public static IReadOnlyList<Try> Of(IReadOnlyList<TokenizedDocument> documents)
    {
        var tries = new List<List<TokenizedDocument>>();
        foreach (var document in documents)
        {
            if (tries is [.., [.., var last]] && document.Row > 0 && (last.File, last.Row) == (document.File, document.Row))
            {
                tries[^1].Add(document);
            }
            else
            {
                tries.Add([document]);
            }
        }

        return [.. tries.Select(attempt => new Try(attempt))];
    }

    public bool Equals(Try? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
