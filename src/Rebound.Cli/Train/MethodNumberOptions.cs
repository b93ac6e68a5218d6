using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Training;
using Rebound.Training.Methods;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>The options of <c>rebound train</c> that single methods read, by the names that TRL's users type where it has them.</summary>
internal sealed class MethodNumberOptions
{
    private static readonly MethodOptions Default = new();

    public readonly Option<double> NegativeWeight = OptionOf.Number(
        "--negative-weight", "How much a failure counts beside a success (weighted)", Default.NegativeWeight);

    public readonly Option<double> UnlikelihoodWeight = OptionOf.Number(
        "--unlikelihood-alpha", "How much a failure counts beside a success (unlikelihood)", Default.UnlikelihoodWeight);

    public readonly Option<double> Beta = OptionOf.Number(
        "--beta", "How fast rewards grow with the distance from the starting model (dpo, kto, apo-zero)", Default.Beta);

    public readonly Option<string> Pairs = OptionOf.OneOf(
        "--pairs", "Compare a success and a failure whole, or in the first answer that differs (dpo)", "trajectory", "step");

    public readonly Option<double> DesirableWeight = OptionOf.Number(
        "--desirable-weight", "How much a success counts (kto)", Default.DesirableWeight);

    public readonly Option<double> UndesirableWeight = OptionOf.Number(
        "--undesirable-weight", "How much a failure counts (kto)", Default.UndesirableWeight);

    public readonly Option<double> DivergenceShare = OptionOf.Number(
        "--kl-share", "Share of a step's documents, four at least, by which the distance from the starting model is measured (kto)",
        Default.DivergenceShare);

    public readonly Option<double> NftEpsilon = OptionOf.Number(
        "--nft-epsilon", "Least ratio of the implicit negative policy (nft)", Default.NftEpsilon);

    public readonly Option<double> ClipRange = OptionOf.Number(
        "--clip-range", "How far the ratio of probabilities may move before it is clipped (grpo)", Default.ClipRange);

    public Option[] All => [.. Named.Select(option => option.Option)];

    /// <summary>The options by the names of <see cref="MethodOptions"/>.</summary>
    public IReadOnlyList<(string Name, Option Option)> Named =>
    [
        (nameof(MethodOptions.NegativeWeight), NegativeWeight), (nameof(MethodOptions.UnlikelihoodWeight), UnlikelihoodWeight),
        (nameof(MethodOptions.Beta), Beta), (nameof(MethodOptions.Pairs), Pairs), (nameof(MethodOptions.DesirableWeight), DesirableWeight),
        (nameof(MethodOptions.UndesirableWeight), UndesirableWeight), (nameof(MethodOptions.DivergenceShare), DivergenceShare),
        (nameof(MethodOptions.NftEpsilon), NftEpsilon), (nameof(MethodOptions.ClipRange), ClipRange),
    ];

    /// <summary>Adds the names by which the library's problems are told.</summary>
    public OptionNames AddTo(OptionNames names) =>
        Named.Aggregate(names, (sum, option) => sum.Add($"{nameof(TrainingOptions.Method)}.{option.Name}", option.Option));

    public MethodOptions Read(CommandContext context) => new()
    {
        NegativeWeight = context.Require(NegativeWeight),
        UnlikelihoodWeight = context.Require(UnlikelihoodWeight),
        Beta = context.Require(Beta),
        Pairs = context.Require(Pairs) == "step" ? PairScope.Step : PairScope.Trajectory,
        DesirableWeight = context.Require(DesirableWeight),
        UndesirableWeight = context.Require(UndesirableWeight),
        DivergenceShare = context.Require(DivergenceShare),
        NftEpsilon = context.Require(NftEpsilon),
        ClipRange = context.Require(ClipRange),
    };

    /// <summary>Options that were given and that the method does not read: a sentence each.</summary>
    public IEnumerable<string> Unread(TrainingMethod? method, CommandContext context)
    {
        var read = method is { } chosen ? MethodText.Numbers(chosen, Default).Select(number => number.Name).ToArray() : [];
        return Named.Where(option => context.IsGiven(option.Option) && !read.Contains(option.Name))
            .Select(option =>
                $"{option.Option.Name} is not read: the method {method?.Name() ?? "that the data asks for"} has no use for it.");
    }
}
