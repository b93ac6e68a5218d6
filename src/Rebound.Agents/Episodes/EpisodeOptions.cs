using System.Text.Json;
using Rebound.Trajectories;

namespace Rebound.Agents.Episodes;

/// <summary>How episodes run.</summary>
public sealed record EpisodeOptions
{
    /// <summary>Turns that the agent may take; the reference's number.</summary>
    public int StepLimit { get; init; } = 7;

    /// <summary>How the agent writes that it calls a tool.</summary>
    public ToolFormat ToolFormat { get; init; } = ToolFormat.React;

    /// <summary>
    /// The schemas of the tools that the model was trained with, which it is told word for word; null for the tools' own.
    /// </summary>
    public JsonElement? ToolSchemas { get; init; }

    public ActionParsing Parsing { get; init; } = ActionParsing.Tolerant;

    /// <summary>How long an episode may take; null for any time.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The sampling temperature, which is recorded as the trajectory's source; null for the model's own.</summary>
    public float? Temperature { get; init; }

    /// <summary>Tokens of a turn; the reference's number for its own models.</summary>
    public int? MaxOutputTokens { get; init; } = 512;

    /// <summary>Fixes the model's draws, where it can be fixed.</summary>
    public long? Seed { get; init; }
}
