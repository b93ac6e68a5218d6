using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Chat;

/// <summary>Settings that can change during a chat.</summary>
public sealed record ChatSettings
{
    /// <summary>The sampling temperature.</summary>
    public float Temperature { get; init; }

    /// <summary>Fixes the draws; each further question takes another seed that follows from it.</summary>
    public long Seed { get; init; }

    /// <summary>The system text; null for none.</summary>
    public string? System { get; init; }

    /// <summary>The guidance weight away from the negative condition (<see cref="IGuidableModel"/>); null for no guidance.</summary>
    public float? Guidance { get; init; }

    /// <summary>The condition that guidance keeps away from; null for the prompt's negative one.</summary>
    public string? Opposite { get; init; }

    /// <summary>
    /// Whether earlier exchanges are part of the prompt. Agents are trained on one question at a time, so the default is not.
    /// </summary>
    public bool KeepsContext { get; init; }
}
