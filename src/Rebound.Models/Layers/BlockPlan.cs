using Rebound.Engine;
using Rebound.Models.Adapters;

namespace Rebound.Models.Layers;

/// <summary>Indices of one block's activations in an arena.</summary>
internal sealed record BlockPlan
{
    public required int Input { get; init; }

    public required int Norm { get; init; }

    public required int AttentionRms { get; init; }

    public required int Projected { get; init; }

    public required int HeadRms { get; init; }

    public required int QueryKeyValue { get; init; }

    public required int Attention { get; init; }

    public required int LogSumExp { get; init; }

    public required int Middle { get; init; }

    public required int FeedForwardRms { get; init; }

    public required int GateUp { get; init; }

    public required int SwiGlu { get; init; }

    public required int Output { get; init; }

    /// <summary>What adapters keep, −1 for none.</summary>
    public required (int QueryKeyValue, int Output, int GateUp, int Down) Adapters { get; init; }

    /// <summary>Plans the activations of a block, its input excepted.</summary>
    /// <param name="type">Of activations; what norms and attention keep for the backward is fp32 always.</param>
    /// <param name="tokens">The most tokens of a batch.</param>
    /// <param name="input">The block's input: the output of the one before, or of the embedding.</param>
    /// <param name="output">Where the output goes; null for a tensor of its own.</param>
    /// <param name="passing">What is not kept.</param>
    /// <param name="ranks">Of the adapters.</param>
    public static BlockPlan Add(
        ArenaPlan plan, LlamaConfig config, DType type, int tokens, int input, int? output, PassingActivations passing,
        AdapterRanks ranks, string name)
    {
        int Tensor(string part, params ReadOnlySpan<int> row) =>
            plan.Add(new TensorSpec($"{name}.{part}", Shape.Of([tokens, .. row]), type));

        int Floats(string part, params ReadOnlySpan<int> row) =>
            plan.Add(new TensorSpec($"{name}.{part}", Shape.Of([tokens, .. row])));

        int Hidden(string matrix, int rank) => rank == 0
            ? -1
            : plan.Add(new TensorSpec($"{name}.{matrix}_adapter", new Shape(checked(tokens * rank)), type));

        var (c, f) = (config.HiddenSize, config.FeedForwardSize);
        var (heads, headDim) = (config.QueryHeads, config.HeadDim);
        var fused = config.Attention(0).FusedHeads;
        var projected = Tensor("projected", fused, headDim);
        return new BlockPlan
        {
            Input = input,
            Norm = passing.Norm,
            AttentionRms = Floats("attention_rms"),
            Projected = projected,
            HeadRms = config.QueryKeyNorm ? Floats("head_rms", heads + config.KeyValueHeads) : -1,
            QueryKeyValue = config.QueryKeyNorm ? Tensor("query_key_value", fused, headDim) : projected,
            Attention = Tensor("attention", heads, headDim),
            LogSumExp = Floats("log_sum_exp", heads),
            Middle = Tensor("middle", c),
            FeedForwardRms = Floats("feed_forward_rms"),
            GateUp = Tensor("gate_up", 2 * f),
            SwiGlu = passing.SwiGlu,
            Output = output ?? Tensor("output", c),
            Adapters = (
                Hidden("query_key_value", ranks.QueryKeyValue), Hidden("output", ranks.Output),
                Hidden("gate_up", ranks.GateUp), Hidden("down", ranks.Down)),
        };
    }
}

/// <summary>Tensors that all blocks share: each is read by the matrix that follows, and written again by the backward.</summary>
/// <param name="Norm">[T, C]: output of either norm.</param>
/// <param name="SwiGlu">[T, F].</param>
internal readonly record struct PassingActivations(int Norm, int SwiGlu);
