using Rebound.Engine;

namespace Rebound.Inference.Serving;

/// <summary>How models are kept in memory.</summary>
public sealed record ServedModelsOptions
{
    private const int CpuSequences = 8;
    private const int GpuSequences = 256;

    /// <summary>The base model's name in requests; null for that of its folder or file.</summary>
    public string? Name { get; init; }

    /// <summary>Most answers that are generated at a time; others wait.</summary>
    public int MaxSequences { get; init; } = 16;

    /// <summary>Tokens whose keys and values are kept; null for as many as the engine finds right for the device.</summary>
    public int? CacheTokens { get; init; }

    /// <summary>When models were loaded.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Asks reading the weights to stop.</summary>
    public CancellationToken Interrupted { get; init; }

    /// <summary>Answers at a time that a device has use for, where nobody says.</summary>
    public static int UsualSequences(Backend backend) => backend.IsHostMemory ? CpuSequences : GpuSequences;
}
