using System.Text.Json;
using Rebound.Server.OpenAi;

namespace Rebound.Server.Agents;

/// <summary>The body of <c>POST /v1/agents/NAME/run</c>; null where a request does not say.</summary>
internal sealed record AgentRunRequest : SamplingMembers
{
    /// <summary>The question, in the place of <c>messages</c>.</summary>
    public string? Question { get; init; }

    /// <summary>A conversation whose last message asks the question.</summary>
    public JsonElement? Messages { get; init; }

    /// <summary>A condition of the agent's prompt, in the place of that of its name.</summary>
    public string? Condition { get; init; }

    /// <summary>A weight, or an object with <c>weight</c> and <c>condition</c>.</summary>
    public JsonElement? Guidance { get; init; }

    /// <summary>The names of those of its tools that it may call; none lets it answer in one turn.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>Turns that it may take.</summary>
    public int? StepLimit { get; init; }

    /// <summary>Seconds that it may take.</summary>
    public double? Timeout { get; init; }
}
