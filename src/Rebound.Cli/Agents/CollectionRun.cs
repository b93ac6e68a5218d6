using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Conditions;

namespace Rebound.Cli.Agents;

/// <summary>Lets a model try a task's questions, at several temperatures, and keeps what comes of it.</summary>
internal sealed class CollectionRun
{
    private readonly CommandContext _context;
    private readonly AgentModel _model;
    private readonly AgentSetup _setup;
    private readonly ToolSet _tools;
    private readonly Budget _budget;
    private readonly IReadOnlyList<Attempt> _attempts;
    private readonly int _concurrency;
    private readonly string _path;

    /// <summary>Null for draws that are the server's.</summary>
    private readonly long? _seed;

    private CollectionRun(
        CommandContext context, CollectOptions options, AgentModel model, AgentSetup setup, ToolSet tools, Budget budget, IReadOnlyList<float> temperatures)
    {
        (_context, _model, _setup, _tools, _budget) = (context, model, setup, tools, budget);
        _attempts = Attempt.Plan(setup.Questions, temperatures, context.Require(options.Samples));
        (_concurrency, _path) = (context.Require(options.Concurrency), context.Require(options.OutputFolder));
        _seed = model is LocalAgentModel || context.IsGiven(options.Seed) ? context.Require(options.Seed) : null;
    }

    public static async Task<int> RunAsync(
        CommandContext context, AgentOptions agent, QuestionOptions questions, EndpointOptions endpoint, CollectOptions options)
    {
        var checks = new OptionChecks(context);
        checks.AtLeast(options.Samples, 1);
        checks.AtLeast(options.Concurrency, 1);
        checks.WritableFolder(options.OutputFolder, context.Require(options.OutputFolder));
        var (temperatures, budget) = (options.ReadTemperatures(context, checks), options.ReadBudget(context, checks));
        checks.ThrowIfAny();
        using var model = AgentModel.Open(context, endpoint, EndpointOptions.PatientAttempts);
        var setup = AgentSetup.Read(agent, questions, context, checks, model);
        await using var tools = await AgentTools.OpenAsync(agent, context, setup.Task, model.Card);
        return await new CollectionRun(context, options, model, setup, tools.Tools, budget, temperatures).RunAsync();
    }

    private async Task<int> RunAsync()
    {
        // The folder first: one that holds another collection is known before weights are read.
        using var folder = CollectionFolder.Open(_path, Describe());
        try
        {
            return Finish(await CollectAsync(folder), folder);
        }
        catch (OperationCanceledException) when (_context.Interrupted.IsCancellationRequested)
        {
            _context.Terminal.Error($"Interrupted; what ended is kept. The same command goes on in {_path}.");
            return ExitCode.Interrupted;
        }
    }

    private async Task<CollectionResult> CollectAsync(CollectionFolder folder)
    {
        var client = _model.Start(_concurrency);
        if (HasOwnPrompt)
        {
            folder.WritePrompt(_setup.PromptWith(_tools));
        }

        using var view = new EpisodesView(_context.Terminal, "Collecting", "episodes", _attempts.Count, _model.Meter);
        return await new Collector(folder, _budget, _concurrency, TimeProvider.System) { Broken = () => _model.Broken }.RunAsync(
            _attempts,
            async (attempt, cancellation) =>
            {
                var runner = new EpisodeRunner(
                    client, _tools, _setup.Task.Judge,
                    _setup.Episodes with { Temperature = attempt.Temperature, Seed = _seed is { } seed ? EpisodeSeed.Of(seed, attempt.Key) : null },
                    TimeProvider.System);
                await _tools.RefreshAsync(cancellation);
                var episode = await runner.RunAsync(attempt.Question, _setup.PromptWith(_tools).Ask(attempt.Question.Question, _setup.Condition), cancellation);
                _model.ThrowIfBroken();
                return episode;
            },
            view.Report,
            _context.Interrupted);
    }

    /// <summary>Whether the agents are told of tools that the prompt does not speak of.</summary>
    private bool HasOwnPrompt => _setup.PromptWith(_tools) != _setup.Prompt;

    /// <summary>What decides how episodes go, so that two collections are never mixed in one folder.</summary>
    private JsonObject Describe()
    {
        var description = _setup.Describe();
        _model.Describe(description);
        description["tools"] = string.Join(", ", _tools.ActionNames);
        if (_seed is { } seed)
        {
            description["seed"] = seed;
        }

        return description;
    }

    private int Finish(CollectionResult result, CollectionFolder folder)
    {
        if (_context.Get(SharedOptions.Json))
        {
            _context.Terminal.WriteJson(result.Totals.ToJson());
        }
        else
        {
            _context.Terminal.Write(CollectionView.Summary(result.Totals, _attempts.Count, _budget));
        }

        if (result.Left > 0)
        {
            var end = result.Stopped is [.., '.' or '?'] ? "" : ".";
            var message = $"Stopped with {result.Left} attempts left: {result.Stopped}{end} The same command goes on in {_path}.";
            if (result.OutOfModel)
            {
                _context.Terminal.Error(message);
                return ExitCode.Failed;
            }

            _context.Terminal.Note(message);
        }

        if (result.Unanswered is { } unanswered)
        {
            _context.Terminal.Error($"No attempt had an answer from the model: {unanswered} The same command makes them again.");
            return ExitCode.Failed;
        }

        _setup.TellCauses(_context, result.Totals.Causes.Select(cause => cause.Key));
        TellNext(result.Totals, folder);
        return ExitCode.Done;
    }

    /// <summary>Where the trajectories are, and how a model that is here learns from them.</summary>
    private void TellNext(CollectionTotals totals, CollectionFolder folder)
    {
        var (positive, negative) = (ShellText.Quoted(folder.PositivePath), ShellText.Quoted(folder.NegativePath));
        var terminal = _context.Terminal;
        terminal.Note($"The trajectories: {folder.PositivePath} and {folder.NegativePath}");
        terminal.Next("Count them", $"rebound data stats {positive} {negative}");
        var learns = _model is LocalAgentModel && _context.Get(SharedOptions.Adapter) is null && totals.Successes > 0 && (HasOwnPrompt || BuiltInPrompts.Names.Contains(_setup.Prompt.Name));
        terminal.Next("Learn from them", !learns ? null : string.Join(' ',
            "rebound train --model", ShellText.Quoted(_context.Get(SharedOptions.Model)!), "--task-name", ShellText.Quoted(_setup.Task.Name), "--pos-path", positive,
            "--neg-path", negative, "--question-path", ShellText.Quoted(_setup.QuestionPath), "--prompt", HasOwnPrompt ? ShellText.Quoted(folder.PromptPath) : _setup.Prompt.Name,
            "--output-dir", ShellText.Quoted(Path.Combine(_path, "model"))));
    }
}
