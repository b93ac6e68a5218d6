using System.Net.Http.Headers;

namespace Rebound.Hub.Transfer;

/// <summary>A request to the hub, or to where it sends; it is made anew each time that it is sent.</summary>
internal sealed record HubRequest(HttpMethod Method, Uri Target)
{
    /// <summary>Makes the body; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    public RangeHeaderValue? Range { get; init; }

    /// <summary>Headers that the hub asks to send to <see cref="Target"/>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
