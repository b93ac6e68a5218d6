namespace Rebound.Cli.Data.Import;

/// <summary><c>rebound data import</c>: trajectories from what other programs keep.</summary>
internal static class ImportCommand
{
    public static CliCommand Create() =>
        CliCommand.GroupOf("import", "Make trajectories of what other programs keep", TracesCommand.Create);
}
