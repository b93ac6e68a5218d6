using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Files.Messages;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Export;
using Rebound.Models.Parameters;
using Rebound.Training.Documents;

namespace Rebound.Training.Runs;

/// <summary>A model of files, whose weights are trained, or an adapter beside them.</summary>
internal sealed class StoredModel : StartingModel
{
    private readonly ModelSource _source;
    private readonly GgufFileType? _quantized;
    private readonly QuantizedBase? _base;

    public StoredModel(string path, LoraSettings? lora, GgufFileType? quantized)
    {
        OptionsException.ThrowIfAny(LoraLimits.Validate(lora));
        Name = path;
        _source = ModelSource.Open(path);
        try
        {
            Adapter = Layout(lora);
            if (quantized is not null && Adapter is null)
            {
                throw new OptionsException(
                    LoraLimits.Name, $"Weights that are trained are not rounded to {quantized.Name}: train an adapter beside them.");
            }

            _quantized = quantized;
            _base = quantized is null ? null : new QuantizedBase(_source, quantized);
        }
        catch
        {
            _source.Dispose();
            throw;
        }
    }

    public override string Name { get; }

    public override JsonObject ConfigJson => _source.ConfigJson;

    public override LlamaConfig Config => _source.Config;

    public override TokenizerSource Tokenizer => _source.TokenizerSource;

    public override TextSource Text => TextSource.Of(_source);

    public override LoraLayout? Adapter { get; }

    public override IReadOnlyList<string> Warnings => _source.Warnings;

    public override string Fingerprint
    {
        get
        {
            var start = _source.Adapter is { } stored ? $" from {Path.GetFullPath(stored.Location)}" : "";
            return Adapter is null
                ? WeightFingerprint.Of(_source)
                : $"{WeightFingerprint.Of(_source)}{Rounded}, {Adapter.Describe()}{start}";
        }
    }

    private ITensorSource Tensors => _base?.Tensors ?? _source.Tensors;

    private string Rounded => _quantized is null ? "" : $" in {_quantized.Name}";

    protected override IReadOnlyList<int> NamedEndTokenIds => _source.NamedEndTokenIds;

    protected override JsonObject? GenerationConfigJson => _source.GenerationConfigJson;

    public override long? FrozenBytes(Backend backend) =>
        Adapter is null ? null : ParameterSet.BytesOf(backend, ParameterTable.For(Config), Tensors);

    public override LlamaModel Load(
        Backend backend, string? checkpoint, long seed, ParameterPart? part = null, ParameterStorage storage = ParameterStorage.Whole,
        bool lowerInHost = false, CancellationToken cancellation = default)
    {
        if (Adapter is null)
        {
            return base.Load(backend, checkpoint, seed, part, storage, lowerInHost, cancellation);
        }

        var model = LoadStart(backend, part: null, ParameterStorage.Whole, lowerInHost: false, cancellation);
        try
        {
            model.Attach(LoadAdapter(backend, Adapter.Settings, checkpoint, seed, part));
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    protected override LlamaModel LoadStart(
        Backend backend, ParameterPart? part, ParameterStorage storage, bool lowerInHost, CancellationToken cancellation) =>
        LlamaModel.Load(
            backend, Config, new InterruptibleTensors(Tensors, cancellation), trained: Adapter is null, part, storage, lowerInHost);

    protected override void WriteWeights(string folder, ITensorSource trained, HuggingFaceFolderOptions options)
    {
        if (Adapter is { } adapter)
        {
            AdapterFolder.WriteFiles(folder, adapter.Settings, trained, Path.GetFullPath(_source.Location), Tokenizer, options);
        }
        else
        {
            base.WriteWeights(folder, trained, options);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _base?.Dispose();
        _source.Dispose();
        base.Dispose(disposing);
    }

    private LoraAdapter LoadAdapter(Backend backend, LoraSettings lora, string? checkpoint, long seed, ParameterPart? part)
    {
        if (checkpoint is null)
        {
            return _source.Adapter?.Load(backend, Config, part)
                ?? LoraAdapter.Initialize(backend, Config, lora, unchecked((ulong)seed), part);
        }

        using var folder = AdapterFolder.Open(checkpoint);
        return folder.Load(backend, Config, part);
    }

    private LoraLayout? Layout(LoraSettings? lora)
    {
        if (_source.Adapter is { } adapter && lora is not null)
        {
            var (settings, merge) = (new OptionName(LoraLimits.Name), new OptionName(nameof(AdapterMerge)));
            throw new OptionsException(
                settings.Name,
                $"{adapter.Location} is an adapter, which is trained on as it is: leave out {settings}, or merge it first ({merge}).");
        }

        return (lora ?? _source.Adapter?.Settings) is { } trained ? LoraLayout.For(Config, trained) : null;
    }
}
