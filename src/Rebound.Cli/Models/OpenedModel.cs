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
    private readonly DeviceParts _devices;
    private readonly bool _trained;
    private readonly OpenedModel? _beside;
    private IReadOnlyList<LlamaModel> _copies = [];

    /// <param name="trained">Whether the weights are going to be trained.</param>
    /// <param name="type">The type to compute in, over the options'; null for theirs.</param>
    /// <param name="shares">The devices, each of which gets a copy of the weights; null for the one that is named.</param>
    /// <param name="stored">Whether the CPU may keep weights as their files store them.</param>
    /// <exception cref="CheckpointException">It is no model that can be read.</exception>
    /// <exception cref="InputException">The device cannot be used.</exception>
    public OpenedModel(
        CommandContext context, bool trained = false, DType? type = null, DeviceShares? shares = null, bool stored = true)
    {
        (_context, _trained) = (context, trained);
        _devices = DeviceParts.Open(
            context, shares ?? new DeviceShares(), type, batchInvariant: context.Get(SharedOptions.Deterministic),
            stored: stored);
        try
        {
            Source = Open(AdaptersOf(context).FirstOrDefault());
        }
        catch
        {
            _devices.Dispose();
            throw;
        }
    }

    /// <summary>Another adapter, whose model's weights are shared where they are the same ones.</summary>
    private OpenedModel(OpenedModel beside, string adapter)
    {
        (_context, _devices, _beside) = (beside._context, beside._devices, beside);
        Source = Open(adapter);
    }

    public ModelSource Source { get; }

    /// <summary>The first of the devices.</summary>
    public Backend Backend => _devices.First.Backend;

    /// <summary>How many devices there are.</summary>
    public int Places => _devices.Backends.Count;

    /// <summary>For people and reports: where the model is, and the adapter beside it.</summary>
    public string Name => Source.Adapter is { } adapter ? $"{Source.Location} with {adapter.Location}" : Source.Location;

    /// <summary>For people, for example <c>cpu (2 threads, AVX2)</c>.</summary>
    public string Device => _devices.Description;

    /// <summary>The model with its weights, read on the first use.</summary>
    public LlamaModel Weights => Copies[0];

    /// <summary>The same on every device.</summary>
    public IReadOnlyList<LlamaModel> Copies => _copies.Count > 0 ? _copies : _copies = Load();

    /// <summary>Opens another adapter on the same device.</summary>
    /// <returns>To be disposed of before this one.</returns>
    public OpenedModel Beside(string adapter) => new(this, adapter);

    /// <summary>Says why a GPU that is there is not used.</summary>
    public void TellDevice()
    {
        if (_devices.First.Note is { } note)
        {
            _context.Terminal.Note(note);
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
        foreach (var copy in _copies)
        {
            copy.Dispose();
        }

        Source.Dispose();
        if (_beside is null)
        {
            _devices.Dispose();
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

    private IReadOnlyList<LlamaModel> Load()
    {
        var clock = Stopwatch.StartNew();
        if (_beside is not null && Path.GetFullPath(_beside.Source.Location) == Path.GetFullPath(Source.Location))
        {
            IReadOnlyList<LlamaModel> shared = [.. _beside.Copies.Select(Source.LoadBeside)];
            _context.Terminal.Note($"Loaded {Source.Adapter!.Location} beside the same weights in {DurationText.Of(clock.Elapsed)}.");
            return shared;
        }

        TellDevice();
        IReadOnlyList<LlamaModel> copies = _trained
            ? [Source.Load(Backend, trained: true)]
            : Source.LoadCopies(_devices.Backends);
        var parameters = Source.Tensors.Tensors.Values.Sum(tensor => tensor.Count);
        _context.Terminal.Note(
            $"Loaded {Name} ({parameters / 1e6:0.#} million parameters) in {DurationText.Of(clock.Elapsed)} on {Device}.");
        return copies;
    }
}
