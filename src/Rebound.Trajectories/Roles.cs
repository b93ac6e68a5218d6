namespace Rebound.Trajectories;

/// <summary>The roles of turns, as chat templates name them.</summary>
public static class Roles
{
    public const string System = "system";
    public const string User = "user";
    public const string Assistant = "assistant";
    public const string Tool = "tool";

    /// <summary>The role that a data file means, in whatever case it is written; null for one that is not known.</summary>
    public static string? Find(string name) => name.ToLowerInvariant() switch
    {
        User or "human" => User,
        Assistant or "ai" or "bot" or "chatgpt" or "gpt" or "model" => Assistant,
        System or "developer" => System,
        Tool or "environment" or "function" or "function_response" or "ipython" or "observation" or "tool_response" => Tool,
        _ => null,
    };
}
