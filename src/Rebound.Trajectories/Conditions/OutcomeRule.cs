namespace Rebound.Trajectories.Conditions;

/// <summary>A predicate over outcomes: all of its tests must hold. A rule without tests matches every outcome.</summary>
public sealed record OutcomeRule
{
    /// <summary>Takes every outcome.</summary>
    public static OutcomeRule Any { get; } = new();

    /// <summary>Whether the reward counts as a success.</summary>
    public bool? Success { get; init; }

    /// <summary>Bounds of the reward.</summary>
    public NumberTest? Reward { get; init; }

    /// <summary>Bounds of F1.</summary>
    public NumberTest? F1 { get; init; }

    /// <summary>
    /// The causes of failure that belong here, as they are written in the data but for case and for <c>_</c>, <c>-</c> and
    /// spaces. An outcome without a cause has none of them.
    /// </summary>
    public IReadOnlyList<string>? Causes { get; init; }

    /// <exception cref="OutcomeException">The outcome lacks what the rule asks for.</exception>
    internal bool Holds(Outcome outcome) =>
        (Success is null || Known(outcome.Success, "info.reward") == Success)
        && (Reward is null || Reward.Holds(Known(outcome.Reward, "info.reward")))
        && (F1 is null || F1.Holds(Share(outcome.F1)))
        && (Causes is null || (outcome.Cause is { } cause && Causes.Any(other => Plain(other) == Plain(cause))));

    private static double Share(double? f1) => Known(f1, "info.f1") is var value && value is >= 0 and <= 1
        ? value
        : throw new OutcomeException("info.f1", $"must be from 0 to 1, but is {value}.");

    private static T Known<T>(T? value, string field)
        where T : struct =>
        value ?? throw new OutcomeException(field, "is missing, and the prompt's condition depends on it.");

    private static string Plain(string cause) =>
        string.Concat(cause.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}

/// <summary>An outcome from which the condition cannot be told.</summary>
internal sealed class OutcomeException(string field, string problem) : Exception($"{field} {problem}")
{
    public string Field { get; } = field;

    public string Problem { get; } = problem;
}
