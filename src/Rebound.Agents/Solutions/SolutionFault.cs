namespace Rebound.Agents.Solutions;

/// <summary>Why a solution cannot become a trajectory.</summary>
public enum SolutionFault
{
    /// <summary>It has no final answer, or an annotation that cannot be read.</summary>
    Unreadable,

    /// <summary>It has no annotation, so that its agent would calculate in its head.</summary>
    NoCalculation,

    /// <summary>The calculator gives another value than an annotation.</summary>
    NotConfirmed,

    /// <summary>It takes more turns than an agent has.</summary>
    StepLimit,

    /// <summary>An agent that says what it says would be understood otherwise.</summary>
    Misread,
}

/// <summary>Descriptions of faults.</summary>
public static class SolutionFaults
{
    private static readonly Dictionary<SolutionFault, string> Names = new()
    {
        [SolutionFault.Unreadable] = "no annotated solution",
        [SolutionFault.NoCalculation] = "no calculation",
        [SolutionFault.NotConfirmed] = "value not confirmed",
        [SolutionFault.StepLimit] = "step limit",
        [SolutionFault.Misread] = "read otherwise",
    };

    public static string Name(this SolutionFault fault) => Names[fault];
}
