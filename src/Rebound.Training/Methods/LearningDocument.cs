using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Methods;

/// <summary>A document with what objectives ask of it beside its tokens.</summary>
public sealed record LearningDocument(TokenizedDocument Document)
{
    /// <summary>Whether its trajectory failed; one that was not scored did not.</summary>
    public bool Failed => Document.Outcome == Outcome.Negative;

    /// <summary>Tokens in the loss.</summary>
    public int SupervisedTokens => Document.SupervisedTokens;

    /// <summary>How much it counts, by its row of the data.</summary>
    public double Weight => Document.Weight;

    /// <summary>The share of the tries at its question that succeeded, as <c>nft</c> takes it: from 0.02 to 0.98.</summary>
    public double SuccessRate { get; init; }

    /// <summary>The reward of its try less the mean of its question's, in standard deviations of these.</summary>
    public double Advantage { get; init; }

    /// <summary>
    /// Its prompt with another question's answer, for <c>kto</c>, put together whenever it is asked for; null for none.
    /// </summary>
    public TokenizedDocument? Mismatched
    {
        get => field ?? (OtherAnswer is { } other ? Mismatches.Join(Document, other) : null);
        init;
    }

    /// <summary>The document of another question whose answer <see cref="Mismatched"/> has; null for none.</summary>
    internal TokenizedDocument? OtherAnswer { get; init; }
}
