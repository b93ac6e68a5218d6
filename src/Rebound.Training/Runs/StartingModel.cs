using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Files.Messages;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Training.Documents;
using Rebound.Trajectories;

namespace Rebound.Training.Runs;

/// <summary>The model that a run starts from, and its files for checkpoints and the result.</summary>
public abstract class StartingModel : IDisposable
{
    /// <summary>As agent cards name it.</summary>
    public abstract string Name { get; }

    /// <summary>The <c>config.json</c>.</summary>
    public abstract JsonObject ConfigJson { get; }

    public abstract LlamaConfig Config { get; }

    public abstract TokenizerSource Tokenizer { get; }

    /// <summary>The adapter to train; null where the weights are trained.</summary>
    public virtual LoraLayout? Adapter => null;

    /// <summary>Bytes of the weights beside <see cref="Adapter"/> as <see cref="Load"/> reads them; null without one.</summary>
    public virtual long? FrozenBytes(Backend backend) => null;

    /// <summary>Mistakes in the model's files that do not keep it from being read, and how they were read: a sentence each.</summary>
    public virtual IReadOnlyList<string> Warnings => [];

    /// <summary>A fingerprint of the weights that training starts from.</summary>
    public abstract string Fingerprint { get; }

    /// <summary>The tokenizer and the chat template, for rendering.</summary>
    public virtual TextSource Text => TextSource.Of(location: null, Tokenizer, Config);

    /// <summary>The tokens that the model's files name as ends of a sequence.</summary>
    protected abstract IReadOnlyList<int> NamedEndTokenIds { get; }

    /// <summary>The <c>generation_config.json</c>; null for none.</summary>
    protected virtual JsonObject? GenerationConfigJson => null;

    /// <summary>Opens a Hugging Face folder, a GGUF file or an adapter.</summary>
    /// <param name="lora">The adapter to train beside frozen weights; null to train what the model brings.</param>
    /// <param name="quantized">The type of file whose types the frozen weights are rounded to; null for those that they have.</param>
    /// <exception cref="CheckpointException">It is no model that can be read.</exception>
    /// <exception cref="OptionsException">The adapter's settings are wrong, or the model is an adapter itself.</exception>
    public static StartingModel Open(string path, LoraSettings? lora = null, GgufFileType? quantized = null) =>
        new StoredModel(path, lora, quantized);

    /// <summary>A model of random weights, drawn from a seed.</summary>
    /// <param name="config">The <c>config.json</c>.</param>
    public static StartingModel Random(JsonObject config, TokenizerSource tokenizer, long seed) => new RandomModel(config, tokenizer, seed);

    /// <summary>The model with the weights that training starts from, or those of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint's folder; null for the start.</param>
    /// <param name="seed">Of an adapter's first weights.</param>
    /// <param name="part">The part of what is trained that this rank updates; null where one updates all.</param>
    /// <param name="storage">The share of weights that are trained that is kept in memory.</param>
    /// <param name="lowerInHost">Whether lower halves of weights that are trained lie in the host's memory.</param>
    /// <exception cref="CheckpointException">They are not those of this model.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public virtual LlamaModel Load(
        Backend backend, string? checkpoint, long seed, ParameterPart? part = null, ParameterStorage storage = ParameterStorage.Whole,
        bool lowerInHost = false, CancellationToken cancellation = default)
    {
        if (checkpoint is null)
        {
            return LoadStart(backend, part, storage, lowerInHost, cancellation);
        }

        using var tensors = new SafetensorsFolder(checkpoint);
        return LlamaModel.Load(
            backend, Config, new InterruptibleTensors(tensors, cancellation), trained: true, part, storage, lowerInHost);
    }

    /// <summary>Writes all that inference needs into a folder that is there: weights, configuration, tokenizer, agent card.</summary>
    /// <param name="trained">What was trained: the weights, or the adapter's parameters.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Write(string folder, ITensorSource trained, StoredFloatType type, AgentCard card)
    {
        WriteWeights(folder, trained, new HuggingFaceFolderOptions { Type = type, GenerationConfig = GenerationConfig(card.StopToken) });
        card.Write(folder);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The model with the weights that training starts from.</summary>
    /// <param name="part">The part that this rank updates, where the weights are trained.</param>
    /// <param name="storage">The share of weights that are trained that is kept in memory.</param>
    /// <param name="lowerInHost">Whether lower halves of weights that are trained lie in the host's memory.</param>
    protected abstract LlamaModel LoadStart(
        Backend backend, ParameterPart? part, ParameterStorage storage, bool lowerInHost, CancellationToken cancellation);

    protected virtual void WriteWeights(string folder, ITensorSource trained, HuggingFaceFolderOptions options) =>
        HuggingFaceFolder.WriteFiles(folder, ConfigJson, trained, Tokenizer, options);

    /// <summary>The model's own, with the token that it learned to stop with among those that end a sequence.</summary>
    private JsonObject? GenerationConfig(string stopToken)
    {
        var config = GenerationConfigJson?.DeepClone().AsObject();
        if (Tokenizer.Tokenizer.TryGetId(stopToken, out var stop) && !NamedEndTokenIds.Contains(stop))
        {
            config ??= [];
            config["eos_token_id"] = new JsonArray([.. NamedEndTokenIds.Append(stop).Select(id => JsonValue.Create(id))]);
        }

        return config;
    }
}
