namespace Rebound.Trajectories.Selection;

/// <summary>Which answers of a failed trajectory are learned, among those that its flags put in the loss.</summary>
public enum NegativeLoss
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>All but the last one: the step that ended in failure.</summary>
    UntilLast,

    /// <summary>
    /// Those before the first one that the environment answered with an error; if it never did, the last answer is the
    /// error.
    /// </summary>
    UntilError,

    /// <summary>None: failures are left out.</summary>
    None,
}

/// <summary>Applies <see cref="NegativeLoss"/> to turns.</summary>
public static class FailedSteps
{
    private const string Observation = "Observation:";

    /// <summary>How replies of tools that failed begin.</summary>
    private static readonly string[] Errors =
        ["error", "invalid", "unknown", "failed", "failure", "exception", "traceback", "timeout", "timed out",
            "could not", "cannot", "unable"];

    /// <summary>The turns, with those that are not learned taken out of the loss.</summary>
    public static IReadOnlyList<Turn> TakeOut(IReadOnlyList<Turn> turns, NegativeLoss policy)
    {
        var from = policy switch
        {
            NegativeLoss.All => turns.Count,
            NegativeLoss.None => 0,
            NegativeLoss.UntilError when FirstError(turns) is { } error => error,
            _ => LastAnswer(turns) ?? turns.Count,
        };
        return from == turns.Count ? turns : [.. turns.Select((turn, index) => index < from ? turn : turn with { Loss = false })];
    }

    private static int? LastAnswer(IReadOnlyList<Turn> turns)
    {
        for (var i = turns.Count - 1; i >= 0; i--)
        {
            if (turns[i].Loss)
            {
                return i;
            }
        }

        return null;
    }

    /// <summary>Index of the first assistant turn with an error in what follows it before the next one.</summary>
    private static int? FirstError(IReadOnlyList<Turn> turns)
    {
        int? answer = null;
        foreach (var (index, turn) in turns.Index())
        {
            if (turn.Role == Roles.Assistant)
            {
                answer = index;
            }
            else if (answer is not null && IsError(turn.Content))
            {
                return answer;
            }
        }

        return null;
    }

    private static bool IsError(string reply)
    {
        var text = reply.AsSpan().TrimStart();
        if (text.StartsWith(Observation, StringComparison.OrdinalIgnoreCase))
        {
            text = text[Observation.Length..].TrimStart();
        }

        foreach (var error in Errors)
        {
            if (text.StartsWith(error, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
