using System.Globalization;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Methods;

/// <summary>Methods in words.</summary>
public static class MethodText
{
    /// <summary>The numbers that a method reads, by the names of <see cref="MethodOptions"/>, with their values.</summary>
    public static IReadOnlyList<(string Name, string Value)> Numbers(TrainingMethod method, MethodOptions options) => method switch
    {
        TrainingMethod.Weighted => [(nameof(options.NegativeWeight), Text(options.NegativeWeight))],
        TrainingMethod.Unlikelihood => [(nameof(options.UnlikelihoodWeight), Text(options.UnlikelihoodWeight))],
        TrainingMethod.Dpo =>
        [
            (nameof(options.Beta), Text(options.Beta)), (nameof(options.Pairs), options.Pairs.ToString().ToLowerInvariant()),
        ],
        TrainingMethod.Kto =>
        [
            (nameof(options.Beta), Text(options.Beta)), (nameof(options.DesirableWeight), Text(options.DesirableWeight)),
            (nameof(options.UndesirableWeight), Text(options.UndesirableWeight)),
            (nameof(options.DivergenceShare), Text(options.DivergenceShare)),
        ],
        TrainingMethod.ApoZero => [(nameof(options.Beta), Text(options.Beta))],
        TrainingMethod.Nft => [(nameof(options.NftEpsilon), Text(options.NftEpsilon))],
        TrainingMethod.Grpo => [(nameof(options.ClipRange), Text(options.ClipRange))],
        _ => [],
    };

    /// <summary>A number's name in words: <c>negative weight</c>.</summary>
    public static string Words(string name) =>
        string.Concat(name.Select(letter => char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}")).TrimStart();

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
