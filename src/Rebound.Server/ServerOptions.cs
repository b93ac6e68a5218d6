using System.Net;

namespace Rebound.Server;

/// <summary>Where and how a <see cref="ModelServer"/> answers.</summary>
public sealed record ServerOptions
{
    /// <summary>The address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port to listen on; 0 for any that is free.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Whether a model is going to be served; without one, parts of the server alone have something to say.</summary>
    public bool HasModel { get; init; } = true;

    /// <summary>The key that requests have to bring; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Names, beside localhost and addresses, that clients may call the server by.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>
    /// The folder whose folders clients may have loaded as adapters, by their names alone; null for none.
    /// </summary>
    public string? AdaptersFolder { get; init; }

    /// <summary>Most models, adapters among them, up to which clients may load more: one folder can be loaded under many names.</summary>
    public int MaxModels { get; init; } = 256;

    /// <summary>Answers that may wait beside those that are generated; a request that would be one more is refused with 429.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Most bytes of a request's body.</summary>
    public long MaxBodyBytes { get; init; } = 16 << 20;

    /// <summary>A request that has not been answered whole by then ends.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Requests that run when the server stops are given so long to end.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The parts that it serves beside the protocol.</summary>
    public IReadOnlyList<IServerPart> Parts { get; init; } = [];

    /// <summary>The seed of those that requests without one draw by, each by another.</summary>
    public ulong Seed { get; init; }

    /// <summary>Times in responses, and deadlines.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Is told sentences for whoever runs the server, from any thread; null for nobody.</summary>
    public Action<string>? Note { get; init; }
}
