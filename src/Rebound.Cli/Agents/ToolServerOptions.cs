using System.CommandLine;
using Rebound.Agents.Tools;
using Rebound.Cli.Options;

namespace Rebound.Cli.Agents;

/// <summary>The options about servers of tools.</summary>
internal sealed class ToolServerOptions
{
    private const double LongestPatience = 86_400;

    public readonly Option<string[]> Servers = new("--mcp")
    {
        Description = "Offer the tools of this Model Context Protocol server, a command line or an address; may be given several times",
        HelpName = "COMMAND|URL",
    };

    public readonly Option<string[]> Environment = new("--mcp-env")
    {
        Description = "Let the servers and the judge that are started see this variable of the environment; may be given several times",
        HelpName = "NAME",
    };

    public readonly Option<double> Patience = OptionOf.Number(
        "--tool-timeout", "Seconds that a server's tool may take to answer, and a judge's command to judge", 60.0);

    public readonly Option<bool> Allow = new("--allow-mcp", "--allow-commands")
    {
        Description = "Let the task's file start the servers and the judge's command that it names",
    };

    public Option[] All => [Servers, Environment, Patience, Allow];

    /// <summary>How the servers are started and waited for.</summary>
    /// <exception cref="InputException">A variable is not set, or the time is none.</exception>
    public McpStartOptions Read(CommandContext context)
    {
        var patience = context.Require(Patience);
        if (patience is not (> 0 and <= LongestPatience))
        {
            throw new InputException($"{context.Label(Patience)} is {patience}; it must be above 0, and at most {LongestPatience}.");
        }

        var terminal = context.Terminal;
        return new McpStartOptions
        {
            Limits = new McpLimits { CallPatience = TimeSpan.FromSeconds(patience) },
            Environment = (context.Get(Environment) ?? []).Distinct(StringComparer.Ordinal).ToDictionary(
                name => name,
                name => System.Environment.GetEnvironmentVariable(name)
                    ?? throw new InputException(
                        $"{context.Label(Environment)} names {name}, and there is no such variable in the environment.")),
            OnError = terminal.Verbose ? line => terminal.Note($"tool server: {line}") : null,
        };
    }
}
