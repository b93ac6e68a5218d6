using System.CommandLine;

namespace Rebound.Cli.Configuration;

/// <summary>Where the value of an option comes from, when it is not the command line itself.</summary>
internal sealed class OptionOrigins
{
    private readonly Dictionary<Option, string> _places = [];

    public void Add(Option option, string place) => _places[option] = place;

    /// <summary>For example <c>config.yml, line 3</c> or <c>REBOUND_SEED</c>; null for the command line and for defaults.</summary>
    public string? Of(Option option) => _places.GetValueOrDefault(option);
}
