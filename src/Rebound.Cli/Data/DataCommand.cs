using Rebound.Cli.Data;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data</c>: everything that is done with files of trajectories before a model learns from them.</summary>
internal static class DataCommand
{
    public static CliCommand Create() => CliCommand.GroupOf(
        "data",
        "Look at, convert, clean, split and render trajectories",
        StatsCommand.Create,
        ShowCommand.Create,
        ConvertCommand.Create,
        CleanCommand.Create,
        SplitCommand.Create,
        RenderCommand.Create,
        SolutionsCommand.Create,
        IndexCommand.Create);
}
