using System.Text.Json;

namespace Rebound.Trajectories;

/// <summary>One message of a trajectory or a prompt. Turns that say the same are equal, whatever tokens they were generated with.</summary>
/// <param name="Role">One of <see cref="Roles"/>.</param>
/// <param name="Content">May be empty where <see cref="ToolCalls"/> say it all.</param>
/// <param name="Loss">Whether the model is to learn to say it.</param>
public sealed record Turn(string Role, string Content, bool Loss)
{
    /// <summary>The member that holds a turn's reasoning, as chat templates and servers know it.</summary>
    public const string ReasoningMember = "reasoning_content";

    private static readonly IReadOnlyDictionary<string, JsonElement> NoMembers = new OrderedDictionary<string, JsonElement>();

    /// <summary>The turn's native tool calls, beside its text.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>
    /// Other members of the turn as the data has them: <c>name</c>, <c>tool_call_id</c>, <c>reasoning_content</c> and whatever a chat
    /// template may use.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Members { get; init; } = NoMembers;

    /// <summary>The tokens that it was generated with; null where they are not known.</summary>
    public GeneratedTokens? Generated { get; init; }

    /// <summary>Whether there is reasoning beside the text.</summary>
    public bool Reasons => Members.TryGetValue(ReasoningMember, out var value) && value is { ValueKind: JsonValueKind.String }
        && value.GetString()!.Length > 0;

    public bool Equals(Turn? other) =>
        other is not null
        && (Role, Content, Loss) == (other.Role, other.Content, other.Loss)
        && ToolCalls.SequenceEqual(other.ToolCalls)
        && Members.Count == other.Members.Count
        && Members.All(member => other.Members.TryGetValue(member.Key, out var value) && JsonElement.DeepEquals(member.Value, value));

    public override int GetHashCode() => HashCode.Combine(Role, Content, Loss, ToolCalls.Count, Members.Count);
}

/// <summary>A call of a tool in the form of the OpenAI chat format.</summary>
/// <param name="Id">The id that the tool's reply refers to; null where the data has none.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">
/// Text as the model wrote it: a JSON object if the call is well formed, and anything if it failed for not being one.
/// </param>
public sealed record ToolCall(string? Id, string Name, string Arguments);
