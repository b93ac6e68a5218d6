using System.Diagnostics;
using Rebound.Checkpoints;
using Rebound.Cli.Machine;
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
    private readonly OpenedModel? _beside;
    private LlamaModel? _weights;

    /// <param name="trained">Whether the weights are going to be trained.</param>
    /// <param name="type">The type to compute in, over the options'; null for theirs.</param>
    /// <exception cref="CheckpointException">It is no model that can be read.</exception>
    /// <exception cref="InputException">The device cannot be used.</exception>
    public OpenedModel(CommandContext context, bool trained = false, DType? type = null)
    {
        (_context, _trained) = (context, trained);
        (_backend, _deviceNote) = Devices.Open(context, type, batchInvariant: context.Get(SharedOptions.Deterministic));
        try
        {
            Source = Open(AdaptersOf(context).FirstOrDefault());
        }
        catch
        {
            _backend.Dispose();
            throw;
        }
    }

    /// <summary>Another adapter, whose model's weights are shared where they are the same ones.</summary>
    private OpenedModel(OpenedModel beside, string adapter)
    {
        (_context, _backend, _beside) = (beside._context, beside._backend, beside);
        Source = Open(adapter);
    }

    public ModelSource Source { get; }

    public Backend Backend => _backend;

    /// <summary>For people and reports: where the model is, and the adapter beside it.</summary>
    public string Name => Source.Adapter is { } adapter ? $"{Source.Location} with {adapter.Location}" : Source.Location;

    /// <summary>For people, for example <c>cpu (2 threads, AVX2)</c>.</summary>
    public string Device => _backend.Description;

    /// <summary>The model with its weights, read on the first use.</summary>
    public LlamaModel Weights => _weights ??= Load();

    /// <summary>Opens another adapter on the same device.</summary>
    /// <returns>To be disposed of before this one.</returns>
    public OpenedModel Beside(string adapter) => new(this, adapter);

    /// <summary>Says why a GPU that is there is not used.</summary>
    public void TellDevice()
    {
        if (_deviceNote is not null)
        {
            _context.Terminal.Note(_deviceNote);
        }
    }

    /// <summary>The adapters that options name, whether the command takes one or several.</summary>
    public static string[] AdaptersOf(CommandContext context) =>
        context.Get(SharedOptions.Adapter) is { } one ? [one] : context.Get(SharedOptions.Adapters) ?? [];

    /// <summary>Says how much a cache of keys and values holds.</summary>
    public static void TellCache(CommandContext context, int tokens, long bytes) =>
        context.Terminal.Note($"Keys and values of up to {tokens:N0} tokens are kept ({Fact.Bytes(bytes)}).");

    public void Dispose()
    {
        _weights?.Dispose();
        Source.Dispose();
        if (_beside is null)
        {
            _backend.Dispose();
        }
    }

    private ModelSource Open(string? adapter)
    {
        var model = _context.Get(SharedOptions.Model);
        var source = adapter is null ? ModelSource.Open(model!) : ModelSource.Open(model, adapter);
        source.Interrupted = _context.Interrupted;
        _context.Terminal.Warn(source.Warnings);
        return source;
    }

    private LlamaModel Load()
    {
        var clock = Stopwatch.StartNew();
        if (_beside is not null && Path.GetFullPath(_beside.Source.Location) == Path.GetFullPath(Source.Location))
        {
            var shared = Source.LoadBeside(_beside.Weights);
            _context.Terminal.Note($"Loaded {Source.Adapter!.Location} beside the same weights in {DurationText.Of(clock.Elapsed)}.");
            return shared;
        }

        TellDevice();
        var model = Source.Load(_backend, _trained);
        var parameters = Source.Tensors.Tensors.Values.Sum(tensor => tensor.Count);
        _context.Terminal.Note(
            $"Loaded {Name} ({parameters / 1e6:0.#} million parameters) in {DurationText.Of(clock.Elapsed)} on {Device}.");
        return model;
    }
}
