using Rebound.Engine;
using Rebound.Models.Adapters;

namespace Rebound.Models.Layers;

/// <summary>The activations of a model, for a forward pass alone or for training, and the plan of their memory.</summary>
internal sealed class Activations
{
    private const int HostLogitRows = 64;
    private const int DeviceLogitRows = 256;

    private readonly Backend _backend;
    private readonly LlamaConfig _config;
    private readonly LoraLayout? _adapter;

    /// <param name="adapter">What is trained beside frozen weights; null for the weights themselves.</param>
    /// <param name="tokens">The most tokens of a batch.</param>
    /// <param name="backward">Keep every block's activations, and add what the backward writes.</param>
    /// <param name="recompute">Keep every block's input alone: the backward computes its activations again.</param>
    public Activations(
        Backend backend, LlamaConfig config, LoraLayout? adapter, int tokens, bool backward, bool recompute = false)
    {
        (_backend, _config, _adapter) = (backend, config, adapter);
        Memory = new ActivationMemory(backend.ElementType, tokens);
        Embedded = Memory.Add(config.HiddenSize, nameof(Embedded));
        Hidden = Memory.Add(config.HiddenSize, nameof(Hidden));
        FinalRms = Memory.AddFloats(nameof(FinalRms));
        Losses = Memory.AddFloats(nameof(Losses));
        Blocks = new BlockActivations[config.Layers];
        if (!backward)
        {
            PlanForward();
            return;
        }

        RowWeights = Memory.AddFloats(nameof(RowWeights));
        Gradients = new BlockGradients(Memory, config, HeadScratchElements);
        (HeadScratch, SelectedAttention) = (Gradients.HeadScratch, Gradients.SelectedAttention);
        if (adapter is { Settings.Dropout: > 0 })
        {
            DropoutScratch = Memory.AddFlat(adapter.WidestInput, nameof(DropoutScratch));
        }

        var shared = new SharedActivations(Gradients.Norm, Gradients.SwiGlu);
        if (recompute)
        {
            PlanRecomputedBlocks(shared);
        }
        else
        {
            PlanKeptBlocks(shared);
        }
    }

    public ActivationMemory Memory { get; }

    /// <summary>Most rows whose logits are computed at a time: as many as decode together on a GPU, few in the process's memory.</summary>
    public int LogitRows => Math.Min(Memory.Tokens, _backend.IsHostMemory ? HostLogitRows : DeviceLogitRows);

    /// <summary>[T, C]: output of the embedding.</summary>
    public Slot Embedded { get; }

    /// <summary>[R, C]: output of the final norm.</summary>
    public Slot Hidden { get; }

    /// <summary>[R].</summary>
    public Slot FinalRms { get; }

    /// <summary>[S]: losses of the supervised rows.</summary>
    public Slot Losses { get; }

    /// <summary>[S]: weights of the supervised rows' gradients; only with a backward.</summary>
    public Slot RowWeights { get; }

    /// <summary>[layers].</summary>
    public BlockActivations[] Blocks { get; }

    /// <summary>[R, H·HeadDim]: attention of the selected rows.</summary>
    public Slot SelectedAttention { get; private set; }

    /// <summary>The fused head's scratch.</summary>
    public Slot HeadScratch { get; private set; }

    /// <summary>[R, V]: logits of up to <see cref="LogitRows"/> rows; only without a backward.</summary>
    public Slot Logits { get; private set; }

    /// <summary>Only with a backward.</summary>
    public BlockGradients? Gradients { get; }

    /// <summary>[T·K] for the widest input of an adapter; only with dropout.</summary>
    public Slot DropoutScratch { get; }

    /// <summary>One block for all layers, which writes its output over its input; the head works in its memory.</summary>
    private void PlanForward()
    {
        SelectedAttention = Memory.Add(checked(_config.QueryHeads * _config.HeadDim), nameof(SelectedAttention));
        var mark = Memory.Plan.Mark();
        var shared = new SharedActivations(Memory.Add(_config.HiddenSize, "Norm"), Memory.Add(_config.FeedForwardSize, "SwiGlu"));
        Array.Fill(Blocks, new BlockActivations(Memory, _config, Embedded, Embedded, shared, WidestRanks()));
        Memory.Plan.Release(mark);
        HeadScratch = Memory.Add(new Shape(HeadScratchElements), DType.Float32, nameof(HeadScratch));
        Memory.Plan.Release(mark);
        Logits = Memory.Add(new Shape(LogitRows, _config.VocabularySize), DType.Float32, nameof(Logits));
    }

    /// <summary>Every block's own activations.</summary>
    private void PlanKeptBlocks(SharedActivations shared)
    {
        var input = Embedded;
        for (var layer = 0; layer < Blocks.Length; layer++)
        {
            Blocks[layer] = new BlockActivations(Memory, _config, input, output: null, shared, RanksOf(layer));
            input = Blocks[layer].Output;
        }
    }

    /// <summary>One block's activations for all layers in turn, and every layer's output, which is the next one's input.</summary>
    private void PlanRecomputedBlocks(SharedActivations shared)
    {
        var block = new BlockActivations(Memory, _config, Embedded, Embedded, shared, WidestRanks());
        var input = Embedded;
        for (var layer = 0; layer < Blocks.Length; layer++)
        {
            Blocks[layer] = block.Between(input, Memory.Add(_config.HiddenSize, nameof(BlockActivations.Output)));
            input = Blocks[layer].Output;
        }
    }

    /// <summary>Room for the adapters of any layer.</summary>
    private AdapterRanks WidestRanks()
    {
        var ranks = default(AdapterRanks);
        for (var layer = 0; layer < _config.Layers; layer++)
        {
            ranks = ranks.Max(RanksOf(layer));
        }

        return ranks;
    }

    private AdapterRanks RanksOf(int layer) => _adapter?.RanksOf(layer) ?? default;

    private int HeadScratchElements => _backend.CrossEntropyHeadScratch(Memory.Tokens, _config.VocabularySize);
}
