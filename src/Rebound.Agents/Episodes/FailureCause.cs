namespace Rebound.Agents.Episodes;

/// <summary>Why an episode failed.</summary>
public enum FailureCause
{
    /// <summary>A turn has no action that can be read.</summary>
    MalformedAction,

    /// <summary>An action names a tool that the agent does not have.</summary>
    UnknownTool,

    /// <summary>A tool could not do its work.</summary>
    ToolError,

    /// <summary>The agent did not finish within its turns.</summary>
    StepLimit,

    /// <summary>The agent finished with a wrong answer.</summary>
    WrongAnswer,

    /// <summary>A turn was cut off at the limit of its tokens, and its action is not whole.</summary>
    TokenLimit,

    /// <summary>The model said nothing, or nothing but its reasoning.</summary>
    EmptyAnswer,

    /// <summary>The model refused to go on.</summary>
    Refusal,

    /// <summary>The episode took too long.</summary>
    Timeout,

    /// <summary>The model could not be asked.</summary>
    ModelError,
}

/// <summary>Causes as data files name them.</summary>
public static class FailureCauses
{
    private static readonly Dictionary<FailureCause, string> Names = new()
    {
        [FailureCause.MalformedAction] = "malformed action",
        [FailureCause.UnknownTool] = "unknown tool",
        [FailureCause.ToolError] = "tool error",
        [FailureCause.StepLimit] = "step limit",
        [FailureCause.WrongAnswer] = "wrong answer",
        [FailureCause.TokenLimit] = "token limit",
        [FailureCause.EmptyAnswer] = "empty answer",
        [FailureCause.Refusal] = "refusal",
        [FailureCause.Timeout] = "timeout",
        [FailureCause.ModelError] = "model error",
    };

    public static string Name(this FailureCause cause) => Names[cause];

    /// <summary>The cause of a name; null for none.</summary>
    public static FailureCause? Find(string name) =>
        Names.Where(cause => cause.Value == name).Select(cause => (FailureCause?)cause.Key).FirstOrDefault();
}
