using Rebound.Cli.Options;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Verification;
using Rebound.Training.Verification;

namespace Rebound.Cli.Models;

/// <summary>The models of <c>rebound verify --losses</c>, which repeat what a record has.</summary>
internal sealed class VerifiedLosses : IDisposable
{
    private readonly CommandContext _context;
    private readonly (string Reference, string Old) _paths;
    private readonly LossModels _models;
    private readonly List<IDisposable> _opened = [];

    /// <param name="model">The model that is trained, which stays its owner's.</param>
    public VerifiedLosses(CommandContext context, OpenedModel model, string reference, string old)
    {
        (_context, _paths) = (context, (reference, old));
        _models = Open(model);
    }

    public IReadOnlyList<VerificationRow> Run(string losses, RoundingTolerance? tolerance, Action onMeasure)
    {
        using var progress = _context.Terminal.StartProgress($"Repeating {losses}", total: null, "methods");
        return LossReplay.Run(_models, losses, tolerance, InFloat32, Report, onMeasure, _context.Interrupted);

        void Report(int done, int total)
        {
            progress.Total = total;
            progress.Report(done);
        }
    }

    public void Dispose()
    {
        foreach (var opened in _opened.AsEnumerable().Reverse())
        {
            opened.Dispose();
        }
    }

    /// <summary>The same models in float32 on the same device.</summary>
    private LossModels InFloat32()
    {
        var model = new OpenedModel(_context, trained: true, DType.Float32);
        _opened.Add(model);
        return Open(model);
    }

    private LossModels Open(OpenedModel model) => new(
        () => model.Source.Load(model.Backend, trained: true), Beside(_paths.Reference, model.Backend), Beside(_paths.Old, model.Backend));

    private LlamaModel Beside(string path, Backend backend)
    {
        using var source = ModelSource.Open(path);
        var model = source.Load(backend);
        _opened.Add(model);
        return model;
    }
}
