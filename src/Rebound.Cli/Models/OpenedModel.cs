using System.Diagnostics;
using Rebound.Engine;
using Rebound.Models;

namespace Rebound.Cli.Models;

/// <summary>
/// The model that <c>--model</c> names: configuration, tokenizer and template at once, the weights when they are first
/// asked for, so that input can be checked before the long part.
/// </summary>
internal sealed class OpenedModel : IDisposable
{
    private readonly CommandContext _context;
    private readonly Backend _backend;
    private LlamaModel? _weights;

    /// <exception cref="CheckpointException">It is no model that can be read.</exception>
    /// <exception cref="InputException">The device cannot be used.</exception>
    public OpenedModel(CommandContext context)
    {
        _context = context;
        _backend = Devices.Open(context.Require(SharedOptions.Device), context.Get(SharedOptions.Threads));
        try
        {
            Source = ModelSource.Open(context.Require(SharedOptions.Model));
        }
        catch
        {
            _backend.Dispose();
            throw;
        }
    }

    public ModelSource Source { get; }

    /// <summary>For people, for example <c>cpu (2 threads, AVX2)</c>.</summary>
    public string Device => _backend.Description;

    /// <summary>The model with its weights, read on the first use.</summary>
    public LlamaModel Weights => _weights ??= Load();

    public void Dispose()
    {
        _weights?.Dispose();
        Source.Dispose();
        _backend.Dispose();
    }

    private LlamaModel Load()
    {
        _context.Interrupted.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
        var model = LlamaModel.Load(_backend, Source.Config, Source.Tensors);
        var parameters = Source.Tensors.Tensors.Values.Sum(tensor => tensor.Count);
        _context.Terminal.Note(
            $"Loaded {_context.Require(SharedOptions.Model)} ({parameters / 1e6:0.#} million parameters) in {clock.Elapsed.TotalSeconds:F1} s on {Device}.");
        return model;
    }
}
