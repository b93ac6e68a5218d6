using System.Text.Json.Nodes;
using Rebound.Cli.Data;
using Rebound.Cli.Models;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Checkpoints;
using Rebound.Models.Parameters;
using Rebound.Training;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Train;

/// <summary>A run of <c>rebound train</c>: everything that can fail early does so before the weights are read.</summary>
internal sealed class TrainRun : IDisposable
{
    private readonly TrainSettings _settings;
    private readonly CommandContext _context;
    private readonly ModelSource _source;
    private readonly Backend _backend;
    private readonly RenderedData _data;
    private readonly TrainingPlan _plan;

    private TrainRun(TrainSettings settings, CommandContext context, ModelSource source, Backend backend)
    {
        _settings = settings;
        _context = context;
        _source = source;
        _backend = backend;
        _data = RenderedData.Load(settings.Documents, TextSource.Of(source), context.Interrupted);
        _plan = new TrainingPlan(_data.Dataset.Documents, settings.Training);
    }

    /// <summary>Opens the model, reads and renders the data, and plans the steps.</summary>
    public static TrainRun Prepare(TrainSettings settings, CommandContext context)
    {
        var backend = Devices.Open(context.Require(SharedOptions.Device), context.Get(SharedOptions.Threads));
        ModelSource? source = null;
        try
        {
            source = ModelSource.Open(settings.Model);
            return new TrainRun(settings, context, source, backend);
        }
        catch
        {
            source?.Dispose();
            backend.Dispose();
            throw;
        }
    }

    /// <summary>Shows the plan, trains, and writes the model.</summary>
    public int Execute()
    {
        ShowPlan();
        using var model = LlamaModel.Load(_backend, _source.Config, _source.Tensors);
        var steps = Train(model);
        Save(model);
        return new RunEnd(_settings, _plan, steps).Report(_context.Terminal);
    }

    public void Dispose()
    {
        _source.Dispose();
        _backend.Dispose();
    }

    /// <summary>Where the steps are logged while the output folder does not exist yet.</summary>
    private string RunningMetrics => Path.TrimEndingDirectorySeparator(_settings.OutputFolder) + "." + MetricsLog.FileName;

    private void ShowPlan()
    {
        var parameters = ParameterTable.For(_source.Config).Count;
        var peak = Trainer.PeakBytes(_backend, _source.Config, _plan);
        var view = new PlanView(_settings, _source.Config, parameters, _backend.Description, _data, _plan, peak);
        foreach (var line in _settings.Notes.Concat(view.Lines()))
        {
            _context.Terminal.Note(line);
        }

        foreach (var document in _data.Dataset.Documents.DistinctBy(document => document.Condition))
        {
            _context.Terminal.Note($"Preview   {PreviewView.Line(LossPreview.Excerpt(document, _source.Tokenizer))}");
        }

        if (_settings.Json)
        {
            _context.Terminal.Output.WriteLine(view.ToJson().ToJsonString());
        }

        view.CheckMemory();
    }

    private List<StepReport> Train(LlamaModel model)
    {
        using var trainer = new Trainer(model, _plan, _settings.Training, TimeProvider.System);
        using var metrics = new MetricsLog(RunningMetrics);
        using var progress = _context.Terminal.ShowsLiveProgress
            ? _context.Terminal.StartProgress("Training", _plan.TotalTokens, "tokens")
            : null;
        using var interruption = _context.Interrupted.Register(() => _context.Terminal.Note(
            "Interrupted: ending this step, then writing the model. Ctrl-C again ends at once and writes nothing."));
        var log = new StepLog(_plan, _settings.LoggingSteps);
        var steps = new List<StepReport>();
        var read = 0L;
        void Advance(int tokens) => progress?.Report(read += tokens, $"step {steps.Count + 1}/{_plan.TotalSteps}");
        foreach (var step in trainer.Run(Advance))
        {
            steps.Add(step);
            metrics.Write(step);
            Show(step, log, progress);
            if (_context.Interrupted.IsCancellationRequested)
            {
                break;
            }
        }

        return steps;
    }

    private void Show(StepReport step, StepLog log, ProgressLine? progress)
    {
        if (log.Add(step) is { } line)
        {
            progress?.Clear();
            _context.Terminal.Note(line);
        }

        if (_settings.Json)
        {
            _context.Terminal.Output.WriteLine(StepLog.Json(step));
        }
    }

    private void Save(LlamaModel model)
    {
        var options = new HuggingFaceFolderOptions
        {
            Type = _settings.SaveType,
            Overwrite = _settings.Overwrite,
            GenerationConfig = GenerationConfig(),
        };
        HuggingFaceFolder.Write(
            _settings.OutputFolder,
            _source.ConfigJson,
            model.Weights,
            _source.TokenizerJson,
            _source.TokenizerConfigJson,
            options);
        File.Move(RunningMetrics, Path.Combine(_settings.OutputFolder, MetricsLog.FileName));
    }

    /// <summary>The source's, with the token that the model learned to stop with among those that end a sequence.</summary>
    private JsonObject? GenerationConfig()
    {
        var config = _source.GenerationConfigJson?.DeepClone().AsObject();
        if (_source.Tokenizer.TryGetId(_data.Renderer.StopToken, out var stop) && !_source.EndTokenIds.Contains(stop))
        {
            config ??= [];
            var ends = _source.EndTokenIds.Append(stop).Select(id => JsonValue.Create(id));
            config["eos_token_id"] = new JsonArray([.. ends]);
        }

        return config;
    }
}
