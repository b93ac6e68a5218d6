using System.CommandLine;
using System.Net;
using Rebound.Cli.Options;

namespace Rebound.Cli.Serve;

/// <summary>The address that a server listens on, and who may reach it.</summary>
/// <param name="defaultPort">The port without an option.</param>
/// <param name="condition">The condition of listening on other addresses, for help.</param>
/// <param name="exposure">What <see cref="NoAuth"/> does, for help.</param>
internal sealed class ListenOptions(int defaultPort, string condition, string exposure)
{
    private const int MostPort = 65535;

    public readonly Option<string> Host = new("--host")
    {
        Description = $"Address to listen on; {condition}",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => $"{IPAddress.Loopback}",
    };

    public readonly Option<int> Port = OptionOf.Number("--port", "Port to listen on; 0 takes a free one", defaultPort);

    public readonly Option<string[]> AllowedHosts = new("--allowed-host")
    {
        Description = "A name, beside localhost and addresses, by which clients may call the server; may be given several times",
        HelpName = "NAME",
    };

    public readonly Option<bool> NoAuth = new("--no-auth") { Description = exposure };

    public OptionGroup Group => new("Address", Host, Port, AllowedHosts);

    /// <summary>The address; one that other machines reach is a problem, unless it is guarded or <see cref="NoAuth"/> is given.</summary>
    /// <param name="advice">What to do where nothing guards it, without a full stop.</param>
    public IPAddress Read(CommandContext context, OptionChecks checks, bool isGuarded, string advice)
    {
        var host = context.Require(Host);
        var address = host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(host, out var parsed) ? parsed : null;
        if (address is null)
        {
            checks.Add(
                $"{context.Label(Host)} is '{host}', and must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all.");
        }

        if (context.Require(Port) is var port and (< 0 or > MostPort))
        {
            checks.Add($"{context.Label(Port)} is {port}; it must be from 0 to {MostPort}.");
        }

        foreach (var name in context.Get(AllowedHosts) ?? [])
        {
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
            {
                checks.Add(
                    $"{context.Label(AllowedHosts)} is '{name}', and must be a name alone, such as model.lan, without http:// and port.");
            }
        }

        if (address is not null && !IPAddress.IsLoopback(address) && !isGuarded && !context.Get(NoAuth))
        {
            checks.Add($"{context.Label(Host)} {host} can be reached from other machines: {advice}.");
        }

        return address ?? IPAddress.Loopback;
    }
}
