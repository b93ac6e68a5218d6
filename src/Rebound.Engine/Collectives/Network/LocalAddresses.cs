using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Rebound.Engine.Collectives.Network;

/// <summary>Addresses of hosts, and which are this one's.</summary>
internal static class LocalAddresses
{
    /// <summary>The addresses of a host; empty where its name is not known (yet).</summary>
    public static IPAddress[] Of(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
    }

    /// <summary>Whether a host is this one: by its name, or by an address of one of this machine's interfaces.</summary>
    public static bool Include(string host)
    {
        if (string.Equals(host, Environment.MachineName, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var addresses = Of(host);
        return addresses.Any(IPAddress.IsLoopback) || addresses.Intersect(Mine()).Any();
    }

    /// <summary>Whether only this machine reaches the host by this name.</summary>
    public static bool IsLoopback(string host) => Of(host) is { Length: > 0 } addresses && addresses.All(IPAddress.IsLoopback);

    private static IEnumerable<IPAddress> Mine()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(address => address.Address)];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
