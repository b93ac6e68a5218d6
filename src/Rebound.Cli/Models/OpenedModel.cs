using System.Diagnostics;
using Rebound.Checkpoints;
using Rebound.Cli.Options;
using Rebound.Engine;
using Rebound.Files.Messages;
using Rebound.Models;

namespace Rebound.Cli.Models;

/// <summary>
/// The model that <c>--model</c> and <c>--adapter</c> name: configuration, tokenizer and template at once, the weights when they are first
/// asked for, so that input can be checked before the long part.
/// </summary>
internal sealed class OpenedModel : IDisposable
{
    private readonly CommandContext _context;
    private readonly Backend _backend;
    private readonly string? _deviceNote;
    private readonly bool _trained;
    private LlamaModel? _weights;

    /// <param name="trained">Whether the weights are going to be trained.</param>
    /// <param name="type">The type to compute in, over the options'; null for theirs.</param>
    /// <exception cref="CheckpointException">It is no model that can be read.</exception>
    /// <exception cref="InputException">The device cannot be used.</exception>
    public OpenedModel(CommandContext context, bool trained = false, DType? type = null)
    {
        (_context, _trained) = (context, trained);
        (_backend, _deviceNote) = Devices.Open(context, type);
        try
        {
            var model = context.Get(SharedOptions.Model);
            Source = context.Get(SharedOptions.Adapter) is { } adapter ? ModelSource.Open(model, adapter) : ModelSource.Open(model!);
            Source.Interrupted = context.Interrupted;
            context.Terminal.Warn(Source.Warnings);
        }
        catch
        {
            _backend.Dispose();
            throw;
        }
    }

    public ModelSource Source { get; }

    public Backend Backend => _backend;

    /// <summary>For people and reports: where the model is, and the adapter beside it.</summary>
    public string Name => Source.Adapter is { } adapter ? $"{Source.Location} with {adapter.Location}" : Source.Location;

    /// <summary>For people, for example <c>cpu (2 threads, AVX2)</c>.</summary>
    public string Device => _backend.Description;

    /// <summary>The model with its weights, read on the first use.</summary>
    public LlamaModel Weights => _weights ??= Load();

    /// <summary>Says why a GPU that is there is not used.</summary>
    public void TellDevice()
    {
        if (_deviceNote is not null)
        {
            _context.Terminal.Note(_deviceNote);
        }
    }

    public void Dispose()
    {
        _weights?.Dispose();
        Source.Dispose();
        _backend.Dispose();
    }

    private LlamaModel Load()
    {
        TellDevice();
        var clock = Stopwatch.StartNew();
        var model = Source.Load(_backend, _trained);
        var parameters = Source.Tensors.Tensors.Values.Sum(tensor => tensor.Count);
        _context.Terminal.Note(
            $"Loaded {Name} ({parameters / 1e6:0.#} million parameters) in {DurationText.Of(clock.Elapsed)} on {Device}.");
        return model;
    }
}
