using System.Net;
using System.Net.Sockets;

namespace Rebound.Agents.Search;

/// <summary>Distinguishes public internet addresses from private, local and reserved ones.</summary>
/// <remarks>
/// IANA special-purpose registries: https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, all
/// of them, also those that are said to be reachable: no page is there.
/// </remarks>
public static class PublicAddresses
{
    private static readonly IPNetwork[] Special = Networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",

        // In no registry: where machines of Azure ask their host
        // (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
        "168.63.129.16/32");

    /// <summary>
    /// Addresses that anyone may be given: global unicast. Loopback, private and link-local addresses, those that carry an IPv4
    /// address in NAT64's prefixes, and groups are all beside it.
    /// </summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>IPv6 ranges with special uses: protocols with Teredo, documentation, 6to4, and name servers of private addresses.</summary>
    private static readonly IPNetwork[] SpecialSix = Networks("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20");

    public static bool Contains(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Special.Any(network => network.Contains(address))
            : GlobalUnicast.Contains(address) && !SpecialSix.Any(network => network.Contains(address));
    }

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(network => IPNetwork.Parse(network))];
}
