using Rebound.Cli.Data.Import;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data</c>: everything that is done with files of trajectories before a model learns from them.</summary>
internal static class DataCommand
{
    public static CliCommand Create() => CliCommand.GroupOf(
        "data",
        "Look at, import, convert, clean, split and render trajectories",
        StatsCommand.Create,
        ShowCommand.Create,
        ImportCommand.Create,
        ConvertCommand.Create,
        CleanCommand.Create,
        SplitCommand.Create,
        RenderCommand.Create,
        SolutionsCommand.Create,
        IndexCommand.Create);
}
