namespace Rebound.Trajectories.Conditions;

/// <summary>
/// How an outcome becomes a condition, the name of one of a template's question prompts. The rules and thresholds are
/// those of the NAT reference.
/// </summary>
internal abstract record ConditionRule
{
    public const string Correct = "correct";
    public const string Incorrect = "incorrect";

    /// <summary>The condition of an outcome.</summary>
    /// <exception cref="OutcomeException">The outcome lacks what the rule asks for.</exception>
    public abstract string Of(Outcome outcome);

    /// <summary>F1 of an outcome, checked.</summary>
    protected static double F1(Outcome outcome) => outcome.F1 switch
    {
        null => throw new OutcomeException("info.f1", "is missing, and the template's condition depends on it."),
        >= 0 and <= 1 => outcome.F1.Value,
        _ => throw new OutcomeException("info.f1", $"must be from 0 to 1, but is {outcome.F1}."),
    };
}

/// <summary>One question prompt for every outcome: nothing tells the model which one it sees.</summary>
internal sealed record Unconditioned : ConditionRule
{
    public override string Of(Outcome outcome) => Conversation.Unconditioned;
}

/// <summary>Correct for a reward, incorrect for none.</summary>
internal sealed record ByReward : ConditionRule
{
    public override string Of(Outcome outcome) => outcome.Success switch
    {
        true => Correct,
        false => Incorrect,
        null => throw new OutcomeException("info.reward", "is missing, and the template's condition depends on it."),
    };
}

/// <summary>The reference's <c>soft</c> template: correct above an F1 of 0.2.</summary>
internal sealed record ByF1Threshold : ConditionRule
{
    private const double Threshold = 0.2;

    public override string Of(Outcome outcome) => F1(outcome) > Threshold ? Correct : Incorrect;
}

/// <summary>Classes by F1: the first at 0, the last at 1, those between parted at <paramref name="InnerBounds"/>.</summary>
/// <param name="InnerBounds">Ascending; a class takes its lower bound.</param>
internal sealed record ByF1Class(params double[] InnerBounds) : ConditionRule
{
    public override string Of(Outcome outcome)
    {
        var f1 = F1(outcome);
        var last = InnerBounds.Length + 3;
        var number = f1 switch
        {
            0 => 1,
            1 => last,
            _ => 2 + InnerBounds.Count(bound => f1 >= bound),
        };
        return ClassName(number);
    }

    public static string ClassName(int number) => $"class_{number}";
}

/// <summary>An outcome from which the condition cannot be told.</summary>
internal sealed class OutcomeException(string field, string problem) : Exception($"{field} {problem}")
{
    public string Field { get; } = field;

    public string Problem { get; } = problem;
}
