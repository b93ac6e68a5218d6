using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Evaluation;
using Rebound.Agents.Tools;
using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Files.Rows;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Runs;

/// <summary>Evaluates a model on a task's questions under each condition.</summary>
public sealed class EvaluationRun : IDisposable
{
    private readonly AgentModel _model;
    private readonly AgentSetup _setup;
    private readonly ToolSet _tools;
    private readonly EvaluationOptions _options;
    private readonly IReadOnlyList<EvaluatedCondition> _conditions;
    private readonly IReadOnlyList<Attempt> _attempts;
    private readonly ConditionScores? _other;
    private readonly List<CollectionFolder> _folders = [];
    private FolderLock? _held;

    private EvaluationRun(AgentModel model, AgentSetup setup, ToolSet tools, EvaluationOptions options)
    {
        (_model, _setup, _tools, _options) = (model, setup, tools, options);
        _conditions = [.. options.Conditions.Select(name => EvaluatedCondition.Of(name, setup.Prompt, options.Guidance))];
        _attempts = Attempt.Plan(setup.Questions, [options.Temperature], samples: 1);
        _other = options.CompareWith is { } other ? ReadOther(other) : null;
    }

    /// <summary>The results as JSON, once there are any.</summary>
    public string ReportPath => Path.Combine(_options.OutputFolder, "aggregate.json");

    /// <summary>Where the episodes of each condition are kept.</summary>
    public IReadOnlyList<(string Condition, string EpisodesPath)> Episodes =>
        [.. _conditions.Zip(_folders, (condition, folder) => (condition.Name, folder.EpisodesPath))];

    /// <summary>Takes the folders; the model's weights are not read yet.</summary>
    /// <param name="model">Stays the caller's to dispose of, as the tools do.</param>
    /// <exception cref="OptionsException">Options are wrong; all problems are told. Or guidance has nothing to keep away from.</exception>
    /// <exception cref="DataException">A folder holds another evaluation, or the one to compare with is not whole.</exception>
    /// <exception cref="IOException">Another run is at work there.</exception>
    public static EvaluationRun Open(AgentModel model, AgentSetup setup, ToolSet tools, EvaluationOptions options)
    {
        OptionsException.ThrowIfAny(options.Validate());
        var run = new EvaluationRun(model, setup, tools, options);
        try
        {
            run.TakeFolders();
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Runs the missing episodes, for the first of which the model is made ready, and scores all.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; what ended is kept.</exception>
    public async Task<EvaluationResult> RunAsync(IEpisodesObserver? observer = null, CancellationToken cancellation = default)
    {
        var scores = new List<ConditionScores>();
        foreach (var (condition, folder) in _conditions.Zip(_folders))
        {
            var result = await TryAsync(condition, folder, observer ?? new UnobservedEpisodes(), cancellation);
            if (result.Left > 0 || result.Unanswered is not null)
            {
                return new EvaluationResult(null, result);
            }

            scores.Add(ConditionScores.Read(condition.Name, folder, _attempts, _setup.Task.Judge));
        }

        var report = EvaluationReport.Of(About(), [.. scores, .. _other is null ? [] : new[] { _other }]);
        report.Write(ReportPath);
        return new EvaluationResult(report, null);
    }

    public void Dispose()
    {
        _folders.ForEach(folder => folder.Dispose());
        _held?.Dispose();
    }

    private void TakeFolders()
    {
        Directory.CreateDirectory(_options.OutputFolder);
        _held = FolderLock.Take(_options.OutputFolder);
        foreach (var condition in _conditions)
        {
            _folders.Add(CollectionFolder.Open(Path.Combine(_options.OutputFolder, condition.Folder), Describe(condition)));
        }
    }

    private async Task<CollectionResult> TryAsync(
        EvaluatedCondition condition, CollectionFolder folder, IEpisodesObserver observer, CancellationToken cancellation)
    {
        var meter = new ModelMeter();
        var model = new Lazy<IChatClient>(() => _model.Open(_options.Concurrency, meter));
        observer.Began(condition.Name, _attempts.Count, meter);
        try
        {
            var collector = new Collector(folder, new Budget(), _options.Concurrency * _model.Places, TimeProvider.System)
            {
                Broken = () => _model.Broken,
            };
            return await collector.RunAsync(_attempts, TryAttemptAsync, observer.Progressed, cancellation);
        }
        finally
        {
            observer.Ended();
        }

        async Task<Episode> TryAttemptAsync(Attempt attempt, CancellationToken stop)
        {
            await _tools.RefreshAsync(stop);
            var asked = condition with { Prompt = _setup.PromptWith(_tools) };
            using var place = ChatPlace.Take(model.Value);
            var client = _model.Metered(asked.Client(place.Client, attempt.Question), meter);
            var episode = await new EpisodeRunner(client, _tools, _setup.Task.Judge, Options(attempt), TimeProvider.System)
                .RunAsync(attempt.Question, asked.Ask(attempt.Question), stop);
            _model.ThrowIfBroken();
            return episode;
        }
    }

    private EpisodeOptions Options(Attempt attempt) => _setup.Episodes with
    {
        Temperature = attempt.Temperature,
        Seed = _options.Seed is { } seed ? EpisodeSeed.Of(seed, attempt.Question.IdText) : null,
    };

    /// <summary>The scores of another evaluation on the same questions, known to be whole before this one begins.</summary>
    private ConditionScores ReadOther(string path)
    {
        var same = _setup.Describe().Where(member => member.Key is "task" or "questions")
            .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()));
        using var folder = CollectionFolder.OpenExisting(path, new JsonObject(same));
        return ConditionScores.Read(path, folder, _attempts, _setup.Task.Judge);
    }

    /// <summary>Everything that decides how episodes go, so that two evaluations are never mixed in one folder.</summary>
    private JsonObject Describe(EvaluatedCondition condition)
    {
        var description = _setup.Describe();
        description["condition"] = condition.Condition;
        description["opposite"] = condition.Opposite;
        description["guidance"] = condition.Weight;
        _model.Describe(description);
        description["tools"] = string.Join(", ", _tools.ActionNames);
        if (_options.Seed is { } seed)
        {
            description["seed"] = seed;
        }

        return description;
    }

    private JsonObject About() => new()
    {
        ["task"] = _setup.Task.Name,
        ["questions"] = _setup.QuestionPath,
        ["model"] = _model.Name,
        ["prompt"] = _setup.Prompt.Name,
        ["temperature"] = _options.Temperature,
        ["seed"] = _options.Seed,
    };
}
