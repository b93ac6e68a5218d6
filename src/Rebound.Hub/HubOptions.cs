using Rebound.Checkpoints;

namespace Rebound.Hub;

/// <summary>Where the hub and its cache are, as the hub's own tools have it in the environment.</summary>
public sealed record HubOptions
{
    /// <summary>The hub's address.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The folder that models are kept in, which other tools share.</summary>
    public required string Cache { get; init; }

    /// <summary>The folder that says which parts of large files a push has sent, until it is done; null to begin every push anew.</summary>
    public string? Uploads { get; init; }

    /// <summary>The key of a person or program; null for none. It goes to <see cref="Endpoint"/> alone.</summary>
    public string? Token { get; init; }

    /// <summary>Whether nothing is to be downloaded or uploaded.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Ranges and files that are downloaded or uploaded at a time.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Bytes of a range that is downloaded.</summary>
    public int RangeBytes { get; init; } = 64 << 20;

    /// <summary>How often a request is tried before it fails.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Waits between them.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Reads <c>HF_ENDPOINT</c>, <c>HF_HUB_CACHE</c>, <c>HF_HOME</c>, <c>XDG_CACHE_HOME</c>, <c>HF_TOKEN</c>, <c>HF_TOKEN_PATH</c> and
    /// <c>HF_HUB_OFFLINE</c>.
    /// </summary>
    /// <param name="variable">The value of a variable; null for none.</param>
    /// <param name="home">The user's folder.</param>
    /// <exception cref="ArgumentException"><c>HF_ENDPOINT</c> is no address.</exception>
    public static HubOptions Read(Func<string, string?> variable, string home)
    {
        string? Get(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (variable(name) is { } value && !string.IsNullOrWhiteSpace(value))
                {
                    return value.Trim();
                }
            }

            return null;
        }

        var folder = HubSnapshots.HomeOf(variable, home);
        var address = Get("HF_ENDPOINT") ?? "https://huggingface.co";
        var isAddress = Uri.TryCreate(address, UriKind.Absolute, out var endpoint) && (endpoint.Scheme is "http" or "https");
        return new HubOptions
        {
            Endpoint = isAddress ? endpoint! : throw new ArgumentException($"HF_ENDPOINT is '{address}', and must be a server's address."),
            Cache = HubSnapshots.CacheOf(variable, home),
            Uploads = Path.Combine(folder, "rebound", "uploads"),
            Token = Get("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") ?? TokenOf(Get("HF_TOKEN_PATH") ?? Path.Combine(folder, "token")),
            IsOffline = Get("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
        };
    }

    private static string? TokenOf(string file) =>
        File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } token ? token : null;
}
