using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Evaluation;
using Rebound.Agents.Models;
using Rebound.Agents.Tools;
using Rebound.Cli.Terminal;
using Rebound.Files;
using Rebound.Inference;
using Rebound.Trajectories;

namespace Rebound.Cli.Agents;

/// <summary>Lets a checkpoint try a task's questions under each condition, and says how well it did.</summary>
internal sealed class EvaluationRun
{
    private readonly CommandContext _context;
    private readonly AgentSetup _setup;
    private readonly ToolSet _tools;
    private readonly LocalAgentModel _model;
    private readonly IReadOnlyList<EvaluatedCondition> _conditions;
    private readonly IReadOnlyList<Attempt> _attempts;
    private readonly string _folder;
    private readonly ConditionScores? _other;
    private readonly long _seed;
    private readonly int _batchSize;

    private EvaluationRun(
        CommandContext context, EvaluationOptions options, AgentSetup setup, ToolSet tools, LocalAgentModel model,
        IReadOnlyList<string> conditions, float temperature)
    {
        (_context, _setup, _tools, _model) = (context, setup, tools, model);
        _conditions = [.. conditions.Select(name => EvaluatedCondition.Of(name, setup.Prompt, context.Get(options.Guidance)))];
        _attempts = Attempt.Plan(setup.Questions, [temperature], samples: 1);
        _folder = context.Get(options.OutputFolder)!;
        (_seed, _batchSize) = (context.Require(options.Seed), context.Require(options.BatchSize));
        _other = context.Get(options.Other) is { } other ? ReadOther(other) : null;
    }

    public static async Task<int> RunAsync(CommandContext context, AgentOptions agent, QuestionOptions questions, EvaluationOptions options)
    {
        var checks = new OptionChecks(context);
        var temperature = options.ReadTemperature(checks);
        var conditions = options.ReadConditions(context, checks, context.Require(agent.Condition));
        checks.AtLeast(options.BatchSize, 1);
        checks.WritableFolder(options.OutputFolder, context.Get(options.OutputFolder)!);
        checks.ThrowIfAny();
        using var model = new LocalAgentModel(context);
        var setup = AgentSetup.Read(agent, questions, context, checks, model);
        await using var tools = await AgentTools.OpenAsync(agent, context, setup.Task, model.Card);
        return await new EvaluationRun(context, options, setup, tools.Tools, model, conditions, temperature).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        Directory.CreateDirectory(_folder);
        using var held = FolderLock.Take(_folder);
        var folders = new List<CollectionFolder>();
        try
        {
            // Folders first: one that holds another evaluation is known before the weights are read.
            foreach (var condition in _conditions)
            {
                folders.Add(CollectionFolder.Open(Path.Combine(_folder, condition.Folder), Describe(condition)));
            }

            return await EvaluateAsync(folders);
        }
        finally
        {
            folders.ForEach(folder => folder.Dispose());
        }
    }

    private async Task<int> EvaluateAsync(IReadOnlyList<CollectionFolder> folders)
    {
        var model = _model.Open(_batchSize);
        var scores = new List<ConditionScores>();
        foreach (var (condition, folder) in _conditions.Zip(folders))
        {
            CollectionResult result;
            try
            {
                result = await TryAsync(condition, folder, model);
            }
            catch (OperationCanceledException) when (_context.Interrupted.IsCancellationRequested)
            {
                _context.Terminal.Error($"Interrupted; what ended is kept. The same command goes on in {_folder}.");
                return ExitCode.Interrupted;
            }

            if (result.Left > 0)
            {
                _context.Terminal.Error($"Stopped with {result.Left} questions left: {result.Stopped}");
                return ExitCode.Failed;
            }

            scores.Add(ConditionScores.Read(condition.Name, folder, _attempts, _setup.Task.Judge));
        }

        var report = EvaluationReport.Of(About(), [.. scores, .. _other is null ? [] : new[] { _other }]);
        var path = Path.Combine(_folder, "aggregate.json");
        report.Write(path);
        EvaluationView.Show(_context, report);
        _setup.TellCauses(_context, scores.SelectMany(score => score.Causes.Keys));
        _context.Terminal.Note($"The results: {path}; the trajectories: {string.Join(", ", folders.Select(folder => folder.EpisodesPath))}");
        var failed = _conditions.Zip(folders).FirstOrDefault(pair => scores.Any(score => score.Condition == pair.First.Name && score.Causes.Count > 0)).Second;
        _context.Terminal.Next("Look at a failure", failed is null ? null : $"rebound data show {ShellText.Quoted(failed.EpisodesPath)} --outcome negative");
        return ExitCode.Done;
    }

    private async Task<CollectionResult> TryAsync(EvaluatedCondition condition, CollectionFolder folder, LocalChatModel model)
    {
        var meter = new ModelMeter();
        using var view = new EpisodesView(_context.Terminal, $"Evaluating ({condition.Name})", "questions", _attempts.Count, meter);
        return await new Collector(folder, new Budget(), _batchSize, TimeProvider.System).RunAsync(
            _attempts,
            async (attempt, cancellation) =>
            {
                await _tools.RefreshAsync(cancellation);
                var asked = condition with { Prompt = _setup.PromptWith(_tools) };
                var runner = new EpisodeRunner(
                    new MeteredModel(asked.Client(model, attempt.Question), meter, streams: true), _tools, _setup.Task.Judge,
                    _setup.Episodes with { Temperature = attempt.Temperature, Seed = EpisodeSeed.Of(_seed, attempt.Question.IdText) }, TimeProvider.System);
                var episode = await runner.RunAsync(attempt.Question, asked.Ask(attempt.Question), cancellation);
                model.ThrowIfBroken();
                return episode;
            },
            view.Report,
            _context.Interrupted);
    }

    /// <summary>The scores of another evaluation on the same questions, known to be whole before this one begins.</summary>
    private ConditionScores ReadOther(string path)
    {
        var same = new JsonObject(_setup.Describe().Where(member => member.Key is "task" or "questions").Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        using var folder = CollectionFolder.OpenExisting(path, same);
        return ConditionScores.Read(path, folder, _attempts, _setup.Task.Judge);
    }

    /// <summary>What decides how episodes go, so that two evaluations are never mixed in one folder.</summary>
    private JsonObject Describe(EvaluatedCondition condition)
    {
        var description = _setup.Describe();
        description["condition"] = condition.Condition;
        description["opposite"] = condition.Opposite;
        description["guidance"] = condition.Weight;
        _model.Describe(description);
        description["tools"] = string.Join(", ", _tools.ActionNames);
        description["seed"] = _seed;
        return description;
    }

    private JsonObject About() => new()
    {
        ["task"] = _setup.Task.Name,
        ["questions"] = _setup.QuestionPath,
        ["model"] = _model.Name,
        ["prompt"] = _setup.Prompt.Name,
        ["temperature"] = _attempts[0].Temperature,
        ["seed"] = _seed,
    };
}
