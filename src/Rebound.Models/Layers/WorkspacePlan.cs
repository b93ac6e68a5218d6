using Rebound.Engine;
using Rebound.Models.Adapters;

namespace Rebound.Models.Layers;

/// <summary>The dry run of a <see cref="Workspace"/>: its size is known before anything is allocated.</summary>
internal sealed class WorkspacePlan
{
    /// <summary>Rows whose logits are computed at a time.</summary>
    public const int LogitRows = 64;

    private readonly DType _type;

    /// <param name="adapter">What is trained beside frozen weights; null for the weights themselves.</param>
    /// <param name="tokens">The most tokens of a batch.</param>
    /// <param name="backward">Keep every block's activations, and add what the backward writes.</param>
    /// <param name="recompute">Keep every block's input alone: the backward computes its activations again.</param>
    public WorkspacePlan(
        Backend backend, LlamaConfig config, LoraLayout? adapter, int tokens, bool backward, bool recompute = false)
    {
        Tokens = tokens;
        _type = backend.ElementType;
        Embedded = Add("embedded", tokens, config.HiddenSize);
        Hidden = Add("hidden", tokens, config.HiddenSize);
        FinalRms = AddFloats("final_rms", tokens);
        Losses = AddFloats("losses", tokens);
        if (backward)
        {
            PlanBackward(backend, config, adapter);
            Blocks = recompute ? PlanRecomputedBlocks(config, adapter) : PlanKeptBlocks(config, adapter);
        }
        else
        {
            Blocks = PlanForward(backend, config, adapter);
        }
    }

    public ArenaPlan Arena { get; } = new();

    public int Tokens { get; }

    public BlockPlan[] Blocks { get; }

    public int Embedded { get; }

    public int Hidden { get; }

    public int FinalRms { get; }

    public int Losses { get; }

    public int HeadScratch { get; private set; }

    public int Logits { get; private set; } = -1;

    public int DStream { get; private set; } = -1;

    public int DNorm { get; private set; } = -1;

    public int DSwiGlu { get; private set; } = -1;

    public int DAttention { get; private set; } = -1;

    public int DQueryKeyValue { get; private set; } = -1;

    /// <summary>[T, H·HeadDim].</summary>
    public int ChosenAttention { get; private set; }

    /// <summary>[T·K] for the widest input of an adapter; −1 when none is dropped from.</summary>
    public int DropoutScratch { get; private set; } = -1;

    /// <summary>One block for all layers, which writes its output over its input; the head works in its memory.</summary>
    private BlockPlan[] PlanForward(Backend backend, LlamaConfig config, LoraLayout? adapter)
    {
        ChosenAttention = AddChosenAttention(config);
        var mark = Arena.Mark();
        var blocks = new BlockPlan[config.Layers];
        var passing = new PassingActivations(Add("norm", Tokens, config.HiddenSize), Add("swiglu", Tokens, config.FeedForwardSize));
        var ranks = WidestRanks(config, adapter);
        Array.Fill(blocks, BlockPlan.Add(Arena, config, _type, Tokens, Embedded, Embedded, passing, ranks, "block"));
        Arena.Release(mark);
        PlanHeadScratch(backend, config);
        Arena.Release(mark);
        var rows = Math.Min(Tokens, LogitRows);
        Logits = AddFloats("logits", rows, config.VocabularySize);
        return blocks;
    }

    /// <summary>Every block's activations, but for those that pass through where the backward will write.</summary>
    private BlockPlan[] PlanKeptBlocks(LlamaConfig config, LoraLayout? adapter)
    {
        var blocks = new BlockPlan[config.Layers];
        var input = Embedded;
        for (var layer = 0; layer < blocks.Length; layer++)
        {
            blocks[layer] = BlockPlan.Add(
                Arena, config, _type, Tokens, input, null, new PassingActivations(DNorm, DSwiGlu), RanksOf(adapter, layer), $"block{layer}");
            input = blocks[layer].Output;
        }

        return blocks;
    }

    /// <summary>One block's activations for all layers in turn, and every layer's output, which is the next one's input.</summary>
    private BlockPlan[] PlanRecomputedBlocks(LlamaConfig config, LoraLayout? adapter)
    {
        var blocks = new BlockPlan[config.Layers];
        var passing = new PassingActivations(DNorm, DSwiGlu);
        var block = BlockPlan.Add(Arena, config, _type, Tokens, Embedded, Embedded, passing, WidestRanks(config, adapter), "block");
        var input = Embedded;
        for (var layer = 0; layer < blocks.Length; layer++)
        {
            blocks[layer] = block with { Input = input, Output = Add($"block{layer}.output", Tokens, config.HiddenSize) };
            input = blocks[layer].Output;
        }

        return blocks;
    }

    /// <summary>The head's scratch, a feed-forward's gradients and an attention's are never alive together.</summary>
    private void PlanBackward(Backend backend, LlamaConfig config, LoraLayout? adapter)
    {
        DStream = Add("d_stream", Tokens, config.HiddenSize);
        DNorm = Add("d_norm", Tokens, config.HiddenSize);
        var mark = Arena.Mark();
        PlanHeadScratch(backend, config);
        Arena.Release(mark);
        DSwiGlu = Add("d_swiglu", Tokens, config.FeedForwardSize);
        Arena.Release(mark);
        DAttention = Add("d_attention", Tokens, config.QueryHeads, config.HeadDim);
        var attention = Arena.Mark();
        ChosenAttention = AddChosenAttention(config);
        Arena.Release(attention);
        DQueryKeyValue = Add("d_query_key_value", Tokens, config.Attention(0).FusedHeads, config.HeadDim);
        Arena.Release(Arena.TotalBytes);
        if (adapter is { Settings.Dropout: > 0 })
        {
            DropoutScratch = Add("dropout", checked(Tokens * adapter.WidestInput));
        }
    }

    /// <summary>Room for the adapters of any layer.</summary>
    private static AdapterRanks WidestRanks(LlamaConfig config, LoraLayout? adapter)
    {
        var ranks = default(AdapterRanks);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            ranks = ranks.Max(RanksOf(adapter, layer));
        }

        return ranks;
    }

    private static AdapterRanks RanksOf(LoraLayout? adapter, int layer) => adapter?.RanksOf(layer) ?? default;

    private void PlanHeadScratch(Backend backend, LlamaConfig config) => HeadScratch = AddFloats(
        "head_scratch", backend.CrossEntropyHeadScratch(Tokens, config.VocabularySize));

    private int AddChosenAttention(LlamaConfig config) =>
        Add("chosen_attention", Tokens, checked(config.QueryHeads * config.HeadDim));

    private int Add(string name, params ReadOnlySpan<int> extents) => Arena.Add(new TensorSpec(name, Shape.Of(extents), _type));

    private int AddFloats(string name, params ReadOnlySpan<int> extents) => Arena.Add(new TensorSpec(name, Shape.Of(extents)));
}
