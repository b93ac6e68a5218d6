namespace Rebound.Agents.Episodes;

/// <summary>Why a native call did not come to its tool. The agent is told, and may mend it.</summary>
public enum CallFault
{
    /// <summary>The call, or what it gives as arguments, is no JSON object.</summary>
    InvalidJson,

    /// <summary>The agent has no tool of the name.</summary>
    UnknownTool,

    /// <summary>The arguments are not what the tool's schema asks for.</summary>
    InvalidArguments,
}

/// <summary>Faults as data files name them, in a tool's turn under <see cref="Member"/>.</summary>
public static class CallFaults
{
    /// <summary>The member of a tool's turn that holds the fault.</summary>
    public const string Member = "error";

    public static string Name(this CallFault fault) => fault switch
    {
        CallFault.InvalidJson => "invalid JSON",
        CallFault.UnknownTool => "unknown tool",
        _ => "invalid arguments",
    };
}
