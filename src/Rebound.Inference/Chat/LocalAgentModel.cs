using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Inference.Chat;

/// <summary>A local checkpoint as the model of an agent, prompted as its agent card says.</summary>
public sealed class LocalAgentModel : AgentModel
{
    private readonly ModelSource _source;
    private readonly Func<IReadOnlyList<LlamaModel>> _weights;
    private ChatProfile _asked;
    private LocalChatModel[]? _copies;
    private IChatClient? _model;

    /// <param name="source">Where the model is read from; not owned.</param>
    /// <param name="weights">Reads the weights when the first conversation begins; not owned.</param>
    /// <param name="reasoning">Whether the model is to reason before it answers; null for as it was trained.</param>
    public LocalAgentModel(ModelSource source, Func<LlamaModel> weights, bool? reasoning = null)
        : this(source, () => [weights()], places: 1, reasoning)
    {
    }

    /// <param name="source">Where the model is read from; not owned.</param>
    /// <param name="weights">Reads the weights when the first conversation begins, on each of its devices; not owned.</param>
    /// <param name="places">How many devices that is.</param>
    /// <param name="reasoning">Whether the model is to reason before it answers; null for as it was trained.</param>
    public LocalAgentModel(ModelSource source, Func<IReadOnlyList<LlamaModel>> weights, int places, bool? reasoning = null) =>
        (_source, _weights, Places, _asked) = (source, weights, places, ChatProfile.Of(source, reasoning));

    public override string Name =>
        OwnName ?? (_source.Adapter is { } adapter ? $"{_source.Location} with {adapter.Location}" : _source.Location);

    /// <summary>The name instead of where the model lies, for one that may be moved together with its episodes.</summary>
    public string? OwnName { get; init; }

    public override AgentCard? Card => _asked.Card;

    public override ToolFormat ToolFormat => _asked.ToolFormat;

    public override bool IsLocal => true;

    public override int Places { get; }

    /// <summary>How the model's own files say that its tokens are drawn; nothing where they say nothing.</summary>
    public OwnSampling Sampling => OwnSampling.Read(_source.GenerationConfigJson, _source.Location);

    /// <summary>Is told of the model, as it is on the first device, when its weights have been read and its cache is there.</summary>
    public Action<LocalChatModel>? OnOpened { get; init; }

    protected override bool CountsTokens => true;

    private OwnedModel? Owned { get; init; }

    private long ReusedTokens => _copies?.Sum(copy => copy.ReusedTokens) ?? 0;

    /// <summary>Opens a Hugging Face folder, a GGUF file, or an adapter with the model that it was trained on.</summary>
    /// <param name="backend">Not owned.</param>
    /// <param name="name">Its <see cref="OwnName"/>; null for none.</param>
    /// <exception cref="CheckpointException">It is no model that can be read.</exception>
    public static LocalAgentModel Open(string path, Backend backend, string? name = null) => Open(path, [backend], name);

    /// <param name="backends">One for each copy of the model; not owned.</param>
    /// <inheritdoc cref="Open(string, Backend, string?)"/>
    public static LocalAgentModel Open(string path, IReadOnlyList<Backend> backends, string? name = null)
    {
        var opened = new OwnedModel(ModelSource.Open(path), backends);
        try
        {
            return new LocalAgentModel(opened.Source, opened.Load, backends.Count) { Owned = opened, OwnName = name };
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Draws tokens as <see cref="Sampling"/> says where a request does not; to be chosen before the first conversation.</summary>
    public void SampleAsItsOwn() => _asked = _asked with { Sampling = Sampling.Over(_asked.Sampling) };

    public override void Describe(JsonObject description)
    {
        base.Describe(description);
        description["weights"] = Weights();
        if (_asked.Renderer.Reasoning is { } reasoning)
        {
            description["reasoning"] = reasoning;
        }
    }

    /// <summary>Reads the weights, the first time.</summary>
    public override IChatClient Open(int conversations, ModelMeter meter)
    {
        if (_model is null)
        {
            _copies = [.. _weights().Select(weights => new LocalChatModel(weights, _source.Tokenizer, _asked, conversations))];
            _model = _copies is [var only] ? only : new ReplicatedChatModel(_copies);
            OnOpened?.Invoke(_copies[0]);
        }

        var before = ReusedTokens;
        meter.ReadReused(() => ReusedTokens - before);
        return _model;
    }

    public override void ThrowIfBroken()
    {
        foreach (var copy in _copies ?? [])
        {
            copy.ThrowIfBroken();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _model?.Dispose();
        Owned?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Tells weights from those that a training wrote in their place.</summary>
    private string Weights()
    {
        string[] places = [_source.Location, .. _source.Adapter is { } adapter ? [adapter.Location] : Array.Empty<string>()];
        var files = places.SelectMany(place => File.Exists(place) ? [place] : Directory.GetFiles(place))
            .Where(path => Path.GetExtension(path) is ".safetensors" or ".gguf").Select(path => new FileInfo(path)).ToArray();
        var newest = files.Max(file => file.LastWriteTimeUtc).ToString("O", CultureInfo.InvariantCulture);
        return $"{files.Sum(file => file.Length)} bytes, written {newest}";
    }

    private sealed class OwnedModel(ModelSource source, IReadOnlyList<Backend> backends) : IDisposable
    {
        private IReadOnlyList<LlamaModel> _copies = [];

        public ModelSource Source => source;

        public IReadOnlyList<LlamaModel> Load() => _copies.Count > 0 ? _copies : _copies = source.LoadCopies(backends);

        public void Dispose()
        {
            foreach (var copy in _copies)
            {
                copy.Dispose();
            }

            source.Dispose();
        }
    }
}
