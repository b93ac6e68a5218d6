using Rebound.Engine;
using Rebound.Models.Checkpoints;
using Rebound.Models.Layers;
using Rebound.Models.Parameters;

namespace Rebound.Models;

/// <summary>
/// A language model of the Llama family on one backend: its weights, and the forward and backward over packed batches.
/// Activations live in a workspace that is allocated at the first batch, or by <see cref="Reserve"/>, and grows with the
/// largest batch. A model is used by one thread at a time.
/// </summary>
public sealed partial class LlamaModel : IDisposable
{
    private readonly Rotary _rotary;
    private readonly LlamaBlock[] _blocks;
    private readonly Norm _finalNorm;
    private readonly int _embedding;
    private readonly int _head;
    private Workspace? _forward;
    private Workspace? _training;

    private LlamaModel(Backend backend, LlamaConfig config)
    {
        Backend = backend;
        Config = config;
        var table = ParameterTable.For(config);
        Weights = new ParameterSet(backend, table);
        _rotary = new Rotary(backend, config);
        _blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => new LlamaBlock(backend, config, table, layer))];
        _finalNorm = new Norm(backend, table, ParameterNames.FinalNorm, config.RmsNormEpsilon);
        _embedding = table.IndexOf(ParameterNames.Embedding);
        _head = config.TieWordEmbeddings ? _embedding : table.IndexOf(ParameterNames.Head);
    }

    public Backend Backend { get; }

    public LlamaConfig Config { get; }

    public ParameterSet Weights { get; }

    /// <summary>What training changes, and what gradients and optimizer moments are kept of: all weights.</summary>
    public ParameterSet Trainable => Weights;

    /// <summary>Reads a model's weights, one tensor at a time, into the backend's memory.</summary>
    /// <exception cref="CheckpointException">Tensors are missing, unknown or of another shape; they are listed.</exception>
    public static LlamaModel Load(Backend backend, LlamaConfig config, ITensorSource source)
    {
        var model = new LlamaModel(backend, config);
        try
        {
            model.Weights.Load(source);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A model with random weights, the same for the same seed.</summary>
    public static LlamaModel Initialize(Backend backend, LlamaConfig config, ulong seed)
    {
        var model = new LlamaModel(backend, config);
        ParameterInitializer.Initialize(model.Weights, config.InitializerRange, seed);
        return model;
    }

    /// <summary>Bytes of the workspace for batches of up to <paramref name="tokens"/> tokens; nothing is allocated.</summary>
    /// <param name="backward">For training, which keeps the activations of all layers; false for a forward alone.</param>
    public static long WorkspaceBytes(Backend backend, LlamaConfig config, int tokens, bool backward) =>
        new WorkspacePlan(backend, config, tokens, backward).Arena.TotalBytes;

    /// <summary>Allocates the workspace for batches of up to <paramref name="tokens"/> tokens now.</summary>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    public void Reserve(int tokens, bool backward) => _ = Workspace(tokens, backward);

    /// <summary>Zeroed gradients of <see cref="Trainable"/> for <see cref="LossAndGradients"/>.</summary>
    public ParameterSet CreateGradients() => new(Backend, Trainable.Table);

    public void Dispose()
    {
        _forward?.Dispose();
        _training?.Dispose();
        _rotary.Dispose();
        Weights.Dispose();
    }

    private Workspace Workspace(int tokens, bool backward)
    {
        ref var workspace = ref backward ? ref _training : ref _forward;
        if (workspace is null || workspace.Tokens < tokens)
        {
            workspace?.Dispose();
            workspace = null;
            workspace = new Workspace(Backend, new WorkspacePlan(Backend, Config, tokens, backward));
        }

        return workspace;
    }

    /// <summary>Runs the blocks and the final norm: <see cref="Layers.Workspace.Hidden"/> is what the head reads.</summary>
    private void RunBlocks(Workspace workspace, PackedBatch batch, RotaryTable rotary, KeyValueCacheView? cache)
    {
        var tokens = batch.TokenCount;
        Backend.EmbeddingForward(workspace.Embedded(tokens), Weights[_embedding], batch);
        for (var layer = 0; layer < _blocks.Length; layer++)
        {
            _blocks[layer].Forward(Weights, workspace.Block(layer, tokens), batch, rotary, cache?.Layer(layer));
        }

        _finalNorm.Forward(Weights, workspace.Hidden(tokens), workspace.FinalRms(tokens), workspace.LastOutput(tokens));
    }

    /// <summary>The rotary table for a batch.</summary>
    /// <exception cref="ArgumentException">A position is beyond the context that the model was made for.</exception>
    private RotaryTable RotaryFor(PackedBatch batch)
    {
        var positions = 0;
        foreach (var position in batch.Positions)
        {
            positions = Math.Max(positions, position + 1);
        }

        return positions <= Config.ContextLength
            ? _rotary.Covering(positions)
            : throw new ArgumentException(
                $"A sequence has {positions} tokens, but this model takes at most {Config.ContextLength} (max_position_embeddings): shorten or truncate it.",
                nameof(batch));
    }
}
