using System.CommandLine;
using Rebound.Agents.Tasks;
using Rebound.Cli.Agents;
using Rebound.Cli.Evaluate;
using Rebound.Cli.Options;
using Rebound.Study.Grids;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Study;

/// <summary>Tasks of a study, by the options of <c>rebound evaluate</c> and a few of their own.</summary>
internal sealed class TaskOptions : IAsyncDisposable
{
    private const string Limit = "limit";
    private const string OutOfDistribution = "ood";
    private const string Samples = "samples";
    private const string SampleTemperature = "sample-temperature";
    private const string SampleQuestions = "sample-questions";
    private const string Recorded = "recorded";

    private static readonly string[] Own = [Limit, OutOfDistribution, Samples, SampleTemperature, SampleQuestions, Recorded];

    private readonly AgentOptions _agent = new();
    private readonly QuestionOptions _questions = new("test");
    private readonly EvaluateOptions _evaluation = new();
    private readonly SetOptions _set;
    private readonly List<AgentTools> _tools = [];

    public TaskOptions() => _set = new SetOptions(new CliCommand("evaluate", "", _ => ExitCode.Done)
    {
        MoreOptions =
        [
            _agent.Task, _agent.Judge, .. _questions.All, _evaluation.Temperature, _evaluation.Seed, _evaluation.BatchSize,
            .. _agent.Tools.Options, .. _agent.Turns.Options,
        ],
    });

    /// <summary>Reads a task.</summary>
    /// <param name="name">As tables name it; the task's own name, unless the section says another.</param>
    /// <param name="concurrency">Episodes at once, unless the section says otherwise.</param>
    /// <exception cref="InputException">Something in it is wrong.</exception>
    public async Task<GridTask> ReadAsync(string name, YamlSection section, int concurrency, CommandContext around)
    {
        var context = _set.Context(
            [
                new SetOption(_agent.Task.Name, [name]), new SetOption(_evaluation.Temperature.Name, ["0"]),
                new SetOption(_evaluation.BatchSize.Name, [$"{concurrency}"]), .. _set.Read(section, Own, [_agent.TokenIds]),
            ],
            around);
        var checks = new OptionChecks(context);
        var episodes = _agent.ReadEpisodes(context, checks);
        var atOnce = checks.AtLeast(_evaluation.BatchSize, 1);
        var temperature = checks.InRange(_evaluation.Temperature, 0, Rebound.Agents.Runs.CollectionOptions.HighestTemperature);
        checks.ThrowIfAny();
        var format = ToolFormats.Find(context.Require(_agent.ToolFormat));
        var task = TaskJudge.With(_agent, context, TaskRegistry.Open(context.Require(_agent.Task)!));
        var (path, questions) = _questions.Read(context, task);
        questions = await RecordedAsync(section, questions, context.Interrupted);
        var tools = await AgentTools.OpenAsync(_agent, context, task, card: null);
        _tools.Add(tools);
        return new GridTask(
            name, format is null ? task : task with { ToolFormat = format }, [.. questions.Take(section.Count(Limit, 1) ?? int.MaxValue)],
            tools.Tools)
        {
            QuestionPath = path,
            ToolData = context.Get(_agent.Index) is { } index ? QuestionLoader.Fingerprint(index) : null,
            Episodes = episodes,
            Temperature = (float)temperature,
            Seed = context.Require(_evaluation.Seed),
            Concurrency = atOnce,
            IsOutOfDistribution = section.Flag(OutOfDistribution, otherwise: false),
            Tries = Tries(section),
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tools in _tools)
        {
            await tools.DisposeAsync();
        }
    }

    private static GridTries? Tries(YamlSection section)
    {
        var temperature = section.Number(SampleTemperature, 0, Rebound.Agents.Runs.CollectionOptions.HighestTemperature) ?? 0.7;
        var questions = section.Count(SampleQuestions, 1) ?? int.MaxValue;
        if (section.Count(Samples, 2) is { } samples)
        {
            return new GridTries(questions, samples, (float)temperature);
        }

        return (section.Find(SampleTemperature) ?? section.Find(SampleQuestions)) is { } unused
            ? throw section.Error(unused, $"it goes with '{Samples}', how many tries each question gets.")
            : null;
    }

    /// <summary>The questions whose trajectories were recorded in files, where the section names some.</summary>
    private static async Task<IReadOnlyList<TaskQuestion>> RecordedAsync(
        YamlSection section, IReadOnlyList<TaskQuestion> questions, CancellationToken cancellation)
    {
        if (section.Find(Recorded) is not { } node)
        {
            return questions;
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in section.Texts(node, $"'{Recorded}'"))
        {
            foreach (var file in Path.Exists(path) ? DataFiles.Of(path) : throw section.Error(node, $"{path} does not exist."))
            {
                await foreach (var row in TrajectoryFile.ReadAsync(file, cancellation: cancellation))
                {
                    ids.Add(row.Id);
                }
            }
        }

        TaskQuestion[] recorded = [.. questions.Where(question => ids.Contains(question.IdText))];
        return recorded.Length > 0
            ? recorded
            : throw section.Error(node, $"none of the {questions.Count} questions is one of a trajectory there.");
    }
}
