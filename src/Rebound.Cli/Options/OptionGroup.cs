using System.CommandLine;

namespace Rebound.Cli.Options;

/// <summary>Options of a command that belong together in its help.</summary>
internal sealed record OptionGroup(string Heading, params Option[] Options);
