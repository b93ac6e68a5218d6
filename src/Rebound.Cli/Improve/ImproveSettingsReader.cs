using System.CommandLine;
using Rebound.Agents.Tasks;
using Rebound.Checkpoints.Safetensors;
using Rebound.Cli.Agents;
using Rebound.Cli.Data;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Train;
using Rebound.Study.Improvement;
using Rebound.Training.Runs;
using Rebound.Trajectories;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Improve;

/// <summary>Reads the options of <c>rebound improve</c> and reports everything that is wrong with them at once.</summary>
internal sealed class ImproveSettingsReader
{
    private readonly ImproveOptions _options;
    private readonly CommandContext _context;
    private readonly TrainSettingsReader _training;

    public ImproveSettingsReader(ImproveOptions options, CommandContext context) =>
        (_options, _context, _training) = (options, context, new TrainSettingsReader(options.Train, context));

    private OptionChecks Checks => _training.Checks;

    /// <exception cref="InputException">Options are wrong; the message has a line for each.</exception>
    public ImproveSettings Read()
    {
        var model = _context.Require(_options.Train.Documents.Model);
        if (!Path.Exists(model))
        {
            Checks.Add($"{_context.Label(_options.Train.Documents.Model)} {model} does not exist; it is a folder or a .gguf file.");
        }

        Checks.WritableFolder(_options.OutputFolder, _context.Require(_options.OutputFolder));
        if (_context.IsGiven(_options.Endpoint.Endpoints) && _context.Get(_options.Teacher) is null)
        {
            Checks.Add($"{_options.Endpoint.Endpoints.Name} needs {_options.Teacher.Name}, the name that the server knows.");
        }

        var improvement = ReadOptions(model);
        var episodes = _options.Agent.ReadEpisodes(_context, Checks);
        Checks.Add(improvement.Validate().Where(problem => !IsTold(problem.Option)), _options.Names);
        var shares = _options.Parts.Read(_context, Checks);
        Checks.ThrowIfAny();
        var name = _context.Get(_options.Agent.Task) ?? CardOf(model)?.Task
            ?? throw new InputException(
                $"{_options.Agent.Task.Name} is required, as the model says none: {_options.Agent.Task.Description}.");
        var task = TaskJudge.With(_options.Agent, _context, TaskRegistry.Open(name));
        var path = BuiltInTasks.Find(name) is null ? name : null;
        return new ImproveSettings(
            improvement, task, path, _options.Questions.Read(_context, task).Questions, _options.HeldOut.Read(_context, task).Questions,
            episodes, shares);
    }

    private ImprovementOptions ReadOptions(string model)
    {
        var documents = DocumentSettings.Read(_options.Train.Documents, Counts(), _context, Checks);
        var temperatures = _options.Collect.ReadTemperatures(_context, Checks);
        var training = _training.ReadTraining();
        var learnsFromTries = documents.Data.Method is TrainingMethod.Nft or TrainingMethod.Grpo;
        return new ImprovementOptions
        {
            OutputFolder = _context.Require(_options.OutputFolder),
            Model = model,
            Rounds = _context.Require(_options.Rounds),
            Time = _context.Get(_options.Minutes) is { } minutes ? TimeSpan.FromMinutes(Math.Clamp(minutes, -1, 1e7)) : null,
            Tokens = _context.Get(_options.Tokens),
            Temperatures = temperatures,
            Samples = _context.Require(_options.Collect.Samples),
            Concurrency = _context.Require(_options.Concurrency),
            EvaluationTemperature = (float)_context.Require(_options.Temperature),
            Condition = _context.Require(_options.Agent.Condition),
            Seed = training.Seed,
            Start = Choice(_options.From) == "current" ? TrainingStart.Current : TrainingStart.Base,
            Successes = Scope(Choice(_options.Successes)),
            Failures = Scope(Choice(_options.Failures)),
            Duplicates = Choice(_options.Duplicates) switch
            {
                "normalized" => DuplicateRule.Normalized,
                "keep" => DuplicateRule.Keep,
                _ => DuplicateRule.Exact,
            },
            Training = new RunOptions
            {
                OutputFolder = "",
                Data = documents.Data,
                Rendering = documents.Rendering,
                Training = training,
                PackTokens = Checks.AtLeast(_options.Train.PackTokens, 1),
                Checkpoints = StepSchedules.Read(_options.Train.Saving, _context, Checks) with { KeepNewest = 1 },
                SaveType = StoredTypes.Chosen(_context.Get(_options.Train.SaveType)) ?? StoredFloatType.F32,
            },
            Lora = LoraSettingsReader.Read(_options.Train.Lora, _context, Checks),
        };

        // What these methods learn is how a model's own tries compare, all of them and of this model.
        string Choice(Option<string> option) => !learnsFromTries || _context.IsGiven(option)
            ? _context.Require(option)
            : option == _options.From ? "current" : option == _options.Duplicates ? "keep" : "newest";
    }

    private DatasetOptions Counts() => new()
    {
        PositiveCount = Checks.AtLeast(_options.Train.Documents.PositiveCount, 1),
        NegativeCount = Checks.AtLeast(_options.Train.Documents.NegativeCount, 0),
    };

    private static RoundScope Scope(string name) => name == "all" ? RoundScope.All : RoundScope.Newest;

    /// <summary>Whether a problem was found before, when the option was read.</summary>
    private static bool IsTold(string option) => option is not (
        nameof(ImprovementOptions.Rounds) or nameof(ImprovementOptions.Time) or nameof(ImprovementOptions.Tokens)
        or nameof(ImprovementOptions.EvaluationTemperature) or nameof(ImprovementOptions.Temperatures)
        or nameof(ImprovementOptions.Samples) or nameof(ImprovementOptions.Concurrency));

    private static AgentCard? CardOf(string model) => Directory.Exists(model) ? AgentCard.Find(model) : null;
}
