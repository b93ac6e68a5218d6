namespace Rebound.Trajectories;

/// <summary>One message of a trajectory or a prompt.</summary>
/// <param name="Role">One of <see cref="Roles"/>.</param>
/// <param name="Loss">Whether the model is to learn to say it.</param>
public readonly record struct Turn(string Role, string Content, bool Loss);

/// <summary>Who speaks in a turn, in the words of chat templates.</summary>
public static class Roles
{
    public const string System = "system";
    public const string User = "user";
    public const string Assistant = "assistant";
    public const string Tool = "tool";

    /// <summary>The role that a data file means, its older names included; null for one that is not known.</summary>
    public static string? Find(string name) => name switch
    {
        User or "human" => User,
        Assistant or "ai" or "gpt" => Assistant,
        System or Tool => name,
        _ => null,
    };
}
