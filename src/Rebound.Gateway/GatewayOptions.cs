using System.Net;
using Rebound.Traces;

namespace Rebound.Gateway;

/// <summary>Where and how a <see cref="RecordingGateway"/> stands.</summary>
public sealed record GatewayOptions
{
    /// <summary>The server that requests are passed on to: its root, or its clients' base, which ends with <c>/v1</c>.</summary>
    public required Uri Upstream { get; init; }

    /// <summary>The folder that conversations are kept in, made where need be.</summary>
    public required string Folder { get; init; }

    /// <summary>The address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port to listen on; 0 for any that is free.</summary>
    public int Port { get; init; } = 8090;

    /// <summary>Names, beside localhost and addresses, that clients may call the gateway by.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Most bytes of a body, asked or answered, that is recorded; larger ones are passed on alone.</summary>
    public int MaxRecordedBytes { get; init; } = 16 << 20;

    /// <summary>Requests that run when the gateway stops are given so long to end.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which evaluations count, and from which score on.</summary>
    public TraceImportOptions Outcomes { get; init; } = new();

    /// <summary>Times in rows, and pauses between writings.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Is told sentences for whoever runs the gateway, from any thread; null for nobody.</summary>
    public Action<string>? Note { get; init; }
}
