using System.Globalization;

namespace Rebound.Cli.Ranks;

/// <summary>
/// A host and perhaps a port, as <c>--rdzv-endpoint</c> has them: <c>node1:29500</c>, <c>[fe80::1]:29500</c> or a host alone.
/// </summary>
internal sealed record Endpoint(string Host, int? Port)
{
    /// <param name="origin">Who gave it, for the message.</param>
    /// <returns>Null for null.</returns>
    /// <exception cref="InputException">It is none.</exception>
    public static Endpoint? Parse(string? text, string origin)
    {
        if (text is null)
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']') || (text.IndexOf(':', StringComparison.Ordinal) < colon && text[0] != '['))
        {
            return new Endpoint(Bare(text), null);
        }

        return colon > 0 && int.TryParse(text[(colon + 1)..], NumberStyles.None, null, out var port) && port is > 0 and <= ushort.MaxValue
            ? new Endpoint(Bare(text[..colon]), port)
            : throw new InputException($"{origin} is '{text}'; it must be a host and a port from 1 to 65535, such as node1:29500.");
    }

    private static string Bare(string host) => host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
}
