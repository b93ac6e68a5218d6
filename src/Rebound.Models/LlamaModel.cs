using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Adapters;
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
    private LlamaBlock[] _blocks;
    private readonly Norm _finalNorm;
    private readonly int _embedding;
    private readonly int _head;
    private readonly bool _ownsWeights;
    private int _firstTrained;
    private Workspace? _forward;
    private Workspace? _training;

    private LlamaModel(
        Backend backend, LlamaConfig config, ParameterTable table, bool trained, ParameterPart? part, ParameterStorage storage,
        bool lowerInHost, StoredWeights? stored = null)
        : this(
            config, new ParameterSet(backend, table, backend.ElementType, exact: trained, part, storage, lowerInHost, stored),
            ownsWeights: true)
    {
    }

    private LlamaModel(LlamaConfig config, ParameterSet weights, bool ownsWeights)
    {
        var (backend, table) = (weights.Backend, weights.Table);
        (Backend, Config, Weights, _ownsWeights) = (backend, config, weights, ownsWeights);
        _rotary = new Rotary(backend, config);
        _blocks = CreateBlocks();
        _finalNorm = new Norm(backend, table, ParameterNames.FinalNorm, config.RmsNormEpsilon);
        _embedding = table.IndexOf(ParameterNames.Embedding);
        _head = config.TieWordEmbeddings ? _embedding : table.IndexOf(ParameterNames.Head);
    }

    public Backend Backend { get; }

    public LlamaConfig Config { get; }

    public ParameterSet Weights { get; }

    /// <summary>The attached adapter, or null.</summary>
    public LoraAdapter? Adapter { get; private set; }

    /// <summary>Another one after every change of the weights or the adapter.</summary>
    public ModelVersion Version => new(Weights.Version, Adapter?.Parameters.Version ?? 0);

    /// <summary>
    /// The parameters that training changes, which have gradients and optimizer moments: all weights, or, with an adapter, the
    /// adapter alone.
    /// </summary>
    public ParameterSet Trainable => Adapter?.Parameters ?? Weights;

    /// <summary>
    /// Whether a training pass keeps every block's input alone and computes its activations again in the backward: a quarter
    /// more arithmetic and a fraction of the memory, and the same bits (Chen et al. 2016, arXiv 1604.06174). To be chosen before
    /// the first pass.
    /// </summary>
    public bool RecomputesBlocks { get; set; }

    /// <summary>
    /// Reads a model's weights, one tensor at a time, into the backend's memory. Where the backend takes them as they are stored and they
    /// are not going to be trained, matrices in blocks or in 16 bits stay so, mapped where that is possible.
    /// </summary>
    /// <param name="trained">Whether the weights are going to be trained, so that they have to be exact where computing is bf16.</param>
    /// <param name="part">The part that this rank updates; null where one updates all.</param>
    /// <param name="storage">Own parts alone need a <see cref="Schedule"/> that gathers the blocks that a pass comes to.</param>
    /// <param name="lowerInHost">Whether lower halves of what is trained lie in the host's memory.</param>
    /// <exception cref="CheckpointException">Tensors are missing, unknown or of another shape; they are listed.</exception>
    public static LlamaModel Load(
        Backend backend, LlamaConfig config, ITensorSource source, bool trained = false, ParameterPart? part = null,
        ParameterStorage storage = ParameterStorage.Whole, bool lowerInHost = false)
    {
        var table = ParameterTable.For(config);
        ParameterLoader.Check(table, source);
        var stored = trained || storage != ParameterStorage.Whole ? null : StoredWeights.Open(backend, table, source);
        var model = new LlamaModel(backend, config, table, trained, part, storage, lowerInHost, stored);
        try
        {
            ParameterLoader.Load(model.Weights, source);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A model with random weights, the same for the same seed, to be trained.</summary>
    /// <param name="part">The part that this rank updates; null where one updates all.</param>
    /// <param name="storage">Own parts alone need a <see cref="Schedule"/> that gathers the blocks that a pass comes to.</param>
    /// <param name="lowerInHost">Whether lower halves lie in the host's memory.</param>
    public static LlamaModel Initialize(
        Backend backend, LlamaConfig config, ulong seed, ParameterPart? part = null, ParameterStorage storage = ParameterStorage.Whole,
        bool lowerInHost = false)
    {
        var model = new LlamaModel(backend, config, ParameterTable.For(config), trained: true, part, storage, lowerInHost);
        ParameterInitializer.Initialize(model.Weights, config.InitializerRange, seed);
        return model;
    }

    /// <summary>Bytes of the workspace for batches of up to <paramref name="tokens"/> tokens; nothing is allocated.</summary>
    /// <param name="backward">For training, which keeps the activations of all layers; false for a forward alone.</param>
    /// <param name="adapter">Of a model with an adapter.</param>
    /// <param name="recompute">As <see cref="RecomputesBlocks"/>.</param>
    public static long WorkspaceBytes(
        Backend backend, LlamaConfig config, int tokens, bool backward, LoraLayout? adapter = null, bool recompute = false) =>
        new Activations(backend, config, adapter, tokens, backward, recompute).Memory.Plan.TotalBytes;

    /// <summary>Attaches an adapter to the weights, which are frozen from now on. The model disposes it.</summary>
    /// <exception cref="InvalidOperationException">The model has one.</exception>
    public void Attach(LoraAdapter adapter)
    {
        if (Adapter is not null)
        {
            throw new InvalidOperationException("The model has an adapter; it takes one.");
        }

        Adapter = adapter;
        _blocks = CreateBlocks();
        _firstTrained = Enumerable.Range(0, Config.Layers).First(layer => adapter.Layout.RanksOf(layer).Any);
        _forward?.Dispose();
        _training?.Dispose();
        (_forward, _training) = (null, null);
    }

    /// <summary>Another model of the same weights, which are in memory once, beside another adapter or none.</summary>
    /// <param name="adapter">The new model disposes it.</param>
    /// <returns>A model that is to be disposed of before this one, which keeps the weights.</returns>
    public LlamaModel Share(LoraAdapter? adapter)
    {
        var model = new LlamaModel(Config, Weights, ownsWeights: false);
        if (adapter is not null)
        {
            model.Attach(adapter);
        }

        return model;
    }

    /// <summary>Allocates the workspace for batches of up to <paramref name="tokens"/> tokens now.</summary>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    public void Reserve(int tokens, bool backward) => _ = Workspace(tokens, backward);

    /// <summary>Zeroed gradients of <see cref="Trainable"/> for one of the passes that accumulate into them.</summary>
    public ParameterSet CreateGradients(ParameterStorage storage = ParameterStorage.Whole) =>
        new(Backend, Trainable.Table, Backend.ElementType, part: Trainable.Part, storage: storage);

    public void Dispose()
    {
        _forward?.Dispose();
        _training?.Dispose();
        _rotary.Dispose();
        Adapter?.Dispose();
        if (_ownsWeights)
        {
            Weights.Dispose();
        }
    }

    private LlamaBlock[] CreateBlocks() =>
        [.. Enumerable.Range(0, Config.Layers).Select(layer => new LlamaBlock(Backend, Config, Weights.Table, Adapter, layer))];

    private Workspace Workspace(int tokens, bool backward)
    {
        ref var workspace = ref backward ? ref _training : ref _forward;
        if (workspace is null || workspace.Tokens < tokens)
        {
            workspace?.Dispose();
            workspace = null;
            workspace = new Workspace(Backend, new Activations(Backend, Config, Adapter?.Layout, tokens, backward, RecomputesBlocks));
        }

        return workspace;
    }

    /// <summary>
    /// Runs the blocks and the final norm for the rows that the head reads: <see cref="Activations.Hidden"/>. The head stays needed.
    /// </summary>
    private void RunBlocks(in Pass pass, Activations a, KeyValueCacheView? cache)
    {
        var (tokens, rows, last) = (pass.Tokens, pass.SelectedRows, _blocks.Length - 1);
        Schedule?.Need(EmbeddingBlock);
        Backend.EmbeddingForward(a.Embedded[tokens], Weights[_embedding], pass.Batch);
        Schedule?.Release(EmbeddingBlock);
        for (var layer = 0; layer < last; layer++)
        {
            Schedule?.Need(BlockOf(layer));
            _blocks[layer].Forward(pass, a.Blocks[layer], cache?.Layer(layer));
            Schedule?.Release(BlockOf(layer));
        }

        Schedule?.Need(BlockOf(last));

        if (IsAll(pass.Batch.Rows, tokens))
        {
            _blocks[last].Forward(pass, a.Blocks[last], cache?.Layer(last));
        }
        else
        {
            _blocks[last].ForwardSelected(pass, a.Blocks[last], a.Hidden[rows], a.SelectedAttention[rows], cache?.Layer(last));
        }

        Schedule?.Release(BlockOf(last));
        NeedHead();
        if (rows > 0)
        {
            _finalNorm.Forward(pass, a.Hidden[rows], a.FinalRms[rows], a.Blocks[last].Output[rows]);
        }
    }

    private static bool IsAll(ReadOnlySpan<int> rows, int count)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] != i)
            {
                return false;
            }
        }

        return rows.Length == count;
    }

    /// <summary>The rotary table for a batch.</summary>
    /// <exception cref="ArgumentException">A position is beyond the context that the model was made for.</exception>
    private RotaryTable RotaryFor(PackedBatch batch)
    {
        var positions = batch.LastPosition + 1;
        return positions <= Config.ContextLength
            ? _rotary.Covering(positions)
            : throw new ArgumentException(
                $"A sequence has {positions} tokens, but this model takes at most {Config.ContextLength} (max_position_embeddings): "
                + "shorten or truncate it.",
                nameof(batch));
    }
}
