using Rebound.Engine;

namespace Rebound.Extensions.AI;

/// <summary>How a <see cref="ReboundChatClient"/> keeps its model.</summary>
public sealed record ReboundChatClientOptions
{
    /// <summary>Folders of adapters for the model; the first one is asked where a request names no model.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>The model's name in requests; null for that of its folder or file.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Opens the device that computes, which the client disposes of; null for the first GPU that CUDA can use, and else the CPU.
    /// </summary>
    public Func<Backend>? Device { get; init; }

    /// <summary>Most answers that are generated at a time, while others wait; null for 8 on the CPU and 256 on a GPU.</summary>
    public int? MaxSequences { get; init; }

    /// <summary>Tokens whose keys and values are kept; null for as many as the engine finds right for the device.</summary>
    public int? CacheTokens { get; init; }

    /// <summary>The draws of requests without a seed are a function of this and of how many of them came before.</summary>
    public ulong Seed { get; init; }

    /// <summary>When answers were made.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
