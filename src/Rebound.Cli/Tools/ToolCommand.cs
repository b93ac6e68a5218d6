using Rebound.Cli.Tools;

namespace Rebound.Cli.Tools;

/// <summary><c>rebound tool</c>: runs a tool of the agents by itself.</summary>
internal static class ToolCommand
{
    public static CliCommand Create() => CliCommand.GroupOf(
        "tool",
        "Run a tool of the agents by itself",
        CalculateCommand.Create,
        SearchCommand.Create);
}
