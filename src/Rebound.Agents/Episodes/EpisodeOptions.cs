using System.Text.Json;
using Rebound.Trajectories;

namespace Rebound.Agents.Episodes;

/// <summary>How episodes run.</summary>
public sealed record EpisodeOptions
{
    /// <summary>The maximum number of turns; by default the reference's.</summary>
    public int StepLimit { get; init; } = 7;

    /// <summary>How the agent writes that it calls a tool.</summary>
    public ToolFormat ToolFormat { get; init; } = ToolFormat.React;

    /// <summary>The schemas of the tools in training, offered word for word; null for the tools' own.</summary>
    public JsonElement? ToolSchemas { get; init; }

    public ActionParsing Parsing { get; init; } = ActionParsing.Tolerant;

    /// <summary>The time limit of an episode; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The sampling temperature, which is recorded as the trajectory's source; null for the model's own.</summary>
    public float? Temperature { get; init; }

    /// <summary>Tokens of a turn; the reference's number for its own models.</summary>
    public int? MaxOutputTokens { get; init; } = 512;

    /// <summary>Whether turns keep the tokens that they were generated with, where the model tells them.</summary>
    public bool KeepsTokens { get; init; } = true;

    /// <summary>Fixes the model's draws, where it can be fixed.</summary>
    public long? Seed { get; init; }
}
