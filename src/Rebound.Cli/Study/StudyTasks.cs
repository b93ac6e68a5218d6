using Rebound.Cli.Paths;
using Rebound.Files.Yaml;
using Rebound.Study.Grids;

namespace Rebound.Cli.Study;

/// <summary>The tasks and trajectories that the trained models of a study are examined on.</summary>
internal sealed class StudyTasks(StudyFile file, CommandContext context, bool isOnCpu) : IAsyncDisposable
{
    private const string Tasks = "tasks";
    private const string Validation = "validation";

    /// <summary>Episodes at once: a GPU answers a thousand as fast as a few, and a CPU has a few cores.</summary>
    private readonly int _concurrency = isOnCpu ? 16 : 1024;

    private readonly TaskOptions _options = new();

    /// <param name="validation">Whether those to choose settings on are asked for, instead of those that the result is measured on.</param>
    /// <exception cref="InputException">There are none, or something is wrong with them.</exception>
    public async Task<IReadOnlyList<GridTask>> ReadAsync(bool validation)
    {
        var (key, what) = validation
            ? (Validation, "the tasks that settings are chosen on")
            : (Tasks, "those that the trained models are examined on");
        var section = file.File.Of(file.File.Require(key, what), $"'{key}'");
        var tasks = new List<GridTask>();
        foreach (var (name, options) in section.Entries)
        {
            tasks.Add(await _options.ReadAsync(name.Value, section.Of(options, $"the task '{name.Value}'"), _concurrency, context));
        }

        return tasks.Count > 0 ? tasks : throw file.File.Error(file.File.Find(key)!, $"'{key}' names no task.");
    }

    /// <summary>The trajectories whose likelihoods are measured; null for none.</summary>
    /// <exception cref="InputException">A file is not there.</exception>
    public async Task<HeldOutPairs?> ReadHeldOutAsync()
    {
        if (file.File.Section("likelihood") is not { } section)
        {
            return null;
        }

        section.CheckKeys("positive", "negative", "questions", "limit");
        return await HeldOutPairs.ReadAsync(
            Path("positive"), Path("negative"), Path("questions"), section.Count("limit", 1), context.Interrupted);

        string Path(string key)
        {
            YamlNode node = section.Require(key, "a file");
            var path = HomePaths.Expanded(section.TextOf(node, $"'{key}'"));
            return PathChecks.ProblemOfInput(path) is { } problem ? throw section.Error(node, $"'{key}' {problem}") : path;
        }
    }

    public ValueTask DisposeAsync() => _options.DisposeAsync();
}
