using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Evaluation;
using Rebound.Agents.Models;
using Rebound.Agents.Tools;
using Rebound.Cli.Terminal;
using Rebound.Files;
using Rebound.Inference.Chat;
using Rebound.Trajectories;

namespace Rebound.Cli.Agents;

/// <summary>Lets a model try a task's questions under each condition, and says how well it did.</summary>
internal sealed class EvaluationRun
{
    private readonly CommandContext _context;
    private readonly AgentSetup _setup;
    private readonly ToolSet _tools;
    private readonly AgentModel _model;
    private readonly IReadOnlyList<EvaluatedCondition> _conditions;
    private readonly IReadOnlyList<Attempt> _attempts;
    private readonly string _folder;
    private readonly ConditionScores? _other;
    /// <summary>Null for draws that are the server's.</summary>
    private readonly long? _seed;
    private readonly int _batchSize;

    private EvaluationRun(
        CommandContext context, EvaluationOptions options, AgentSetup setup, ToolSet tools, AgentModel model,
        IReadOnlyList<string> conditions, float temperature)
    {
        (_context, _setup, _tools, _model) = (context, setup, tools, model);
        _conditions = [.. conditions.Select(name => EvaluatedCondition.Of(name, setup.Prompt, context.Get(options.Guidance)))];
        _attempts = Attempt.Plan(setup.Questions, [temperature], samples: 1);
        _folder = context.Get(options.OutputFolder)!;
        _seed = model is LocalAgentModel || context.IsGiven(options.Seed) ? context.Require(options.Seed) : null;
        _batchSize = context.Require(options.BatchSize);
        _other = context.Get(options.Other) is { } other ? ReadOther(other) : null;
    }

    public static async Task<int> RunAsync(
        CommandContext context, AgentOptions agent, QuestionOptions questions, EndpointOptions endpoint, EvaluationOptions options)
    {
        var checks = new OptionChecks(context);
        var temperature = options.ReadTemperature(checks);
        var conditions = options.ReadConditions(context, checks, context.Require(agent.Condition));
        checks.AtLeast(options.BatchSize, 1);
        checks.WritableFolder(options.OutputFolder, context.Get(options.OutputFolder)!);
        checks.ThrowIfAny();
        using var model = AgentModel.Open(context, endpoint, EndpointOptions.PatientAttempts);
        if (context.Get(options.Guidance) is not null && model is not LocalAgentModel)
        {
            throw new InputException($"{options.Guidance.Name} needs a checkpoint that is computed here; a server does not give the logits of two conditions.");
        }

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
        var scores = new List<ConditionScores>();
        foreach (var (condition, folder) in _conditions.Zip(folders))
        {
            CollectionResult result;
            try
            {
                result = await TryAsync(condition, folder);
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

            if (result.Unanswered is { } unanswered)
            {
                _context.Terminal.Error($"No question had an answer from the model: {unanswered} The same command asks them again.");
                return ExitCode.Failed;
            }

            scores.Add(ConditionScores.Read(condition.Name, folder, _attempts, _setup.Task.Judge));
        }

        var report = EvaluationReport.Of(About(), [.. scores, .. _other is null ? [] : new[] { _other }]);
        var path = Path.Combine(_folder, "aggregate.json");
        report.Write(path);
        EvaluationView.Show(_context, report);
        TellUnanswered(scores);
        _setup.TellCauses(_context, scores.SelectMany(score => score.Causes.Keys));
        _context.Terminal.Note($"The results: {path}; the trajectories: {string.Join(", ", folders.Select(folder => folder.EpisodesPath))}");
        var failed = _conditions.Zip(folders).FirstOrDefault(pair => scores.Any(score => score.Condition == pair.First.Name && score.Causes.Count > 0)).Second;
        _context.Terminal.Next("Look at a failure", failed is null ? null : $"rebound data show {ShellText.Quoted(failed.EpisodesPath)} --outcome negative");
        return ExitCode.Done;
    }

    /// <summary>Says that questions count as wrong for what was not the model's fault.</summary>
    private void TellUnanswered(IEnumerable<ConditionScores> scores)
    {
        if (scores.Sum(score => score.Causes.GetValueOrDefault(FailureCause.ModelError.Name())) is > 0 and var unanswered)
        {
            _context.Terminal.Note(
                $"{CountText.Of(unanswered, "attempt")} had no answer from the model and {(unanswered == 1 ? "counts" : "count")} as wrong; the same command asks again.");
        }
    }

    private async Task<CollectionResult> TryAsync(EvaluatedCondition condition, CollectionFolder folder)
    {
        var meter = new ModelMeter();
        var model = _model.Open(_batchSize, meter);
        using var view = new EpisodesView(_context.Terminal, $"Evaluating ({condition.Name})", "questions", _attempts.Count, meter);
        return await new Collector(folder, new Budget(), _batchSize, TimeProvider.System) { Broken = () => _model.Broken }.RunAsync(
            _attempts,
            async (attempt, cancellation) =>
            {
                await _tools.RefreshAsync(cancellation);
                var asked = condition with { Prompt = _setup.PromptWith(_tools) };
                var runner = new EpisodeRunner(
                    _model.Metered(asked.Client(model, attempt.Question), meter), _tools, _setup.Task.Judge,
                    _setup.Episodes with { Temperature = attempt.Temperature, Seed = _seed is { } seed ? EpisodeSeed.Of(seed, attempt.Question.IdText) : null }, TimeProvider.System);
                var episode = await runner.RunAsync(attempt.Question, asked.Ask(attempt.Question), cancellation);
                _model.ThrowIfBroken();
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
        if (_seed is { } seed)
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
        ["temperature"] = _attempts[0].Temperature,
        ["seed"] = _seed,
    };
}
