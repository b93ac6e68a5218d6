using System.Collections.Immutable;

namespace Rebound.Models.Adapters;

/// <summary>
/// The settings of a low-rank adapter (Hu et al. 2021, arXiv 2106.09685): beside a frozen weight W [N, K] lie A [R, K] and B [N, R],
/// and the layer computes <c>y = W·x + scale · B·(A·dropout(x))</c>.
/// </summary>
public sealed record LoraSettings
{
    /// <summary>R, where <see cref="RankPattern"/> says nothing else.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>The scale is alpha / R, or with <see cref="RankStabilized"/> alpha / √R.</summary>
    public float Alpha { get; init; } = 32;

    /// <summary>Share of the adapter's inputs that training drops.</summary>
    public float Dropout { get; init; }

    /// <summary>rsLoRA: the scale falls with √R (Kalajdzievski 2023, arXiv 2312.03732).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>The linear layers that have an adapter.</summary>
    public LoraTargets Targets { get; init; } = LoraTargets.All;

    /// <summary>Ranks of layers whose names end with a match of a regular expression; the first that matches counts.</summary>
    public ImmutableArray<KeyValuePair<string, int>> RankPattern { get; init; } = [];

    /// <summary>Alphas of layers, as <see cref="RankPattern"/>.</summary>
    public ImmutableArray<KeyValuePair<string, float>> AlphaPattern { get; init; } = [];

    /// <summary>The rank of a layer.</summary>
    /// <param name="module">Its name, for example <c>model.layers.0.self_attn.q_proj</c>.</param>
    public int RankOf(string module) => Find(RankPattern, module) ?? Rank;

    /// <summary>The scale of a layer's <c>B·A·x</c>.</summary>
    public float ScaleOf(string module)
    {
        var (alpha, rank) = (Find(AlphaPattern, module) ?? Alpha, (double)RankOf(module));
        return (float)(alpha / (RankStabilized ? Math.Sqrt(rank) : rank));
    }

    /// <summary>More than the largest weights have rows or columns: a product of that rank is the whole weight.</summary>
    private const int LargestRank = 1 << 17;

    /// <exception cref="ArgumentException">A number is out of its range; the message names it.</exception>
    public void Validate()
    {
        foreach (var rank in RankPattern.Select(entry => entry.Value).Prepend(Rank))
        {
            Require(rank is >= 1 and <= LargestRank, $"A rank is {rank}, and must be from 1 to {LargestRank}.");
        }

        foreach (var alpha in AlphaPattern.Select(entry => entry.Value).Prepend(Alpha))
        {
            Require(float.IsFinite(alpha) && alpha > 0, $"An alpha is {alpha}, and must be above 0.");
        }

        Require(Dropout is >= 0 and < 1, $"The dropout is {Dropout}, and must be from 0 to below 1.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }

    private static T? Find<T>(ImmutableArray<KeyValuePair<string, T>> pattern, string module)
        where T : struct
    {
        foreach (var (key, value) in pattern)
        {
            if (ModulePattern.MatchesEnd(key, module))
            {
                return value;
            }
        }

        return null;
    }
}
