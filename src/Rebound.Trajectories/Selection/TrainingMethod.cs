namespace Rebound.Trajectories.Selection;

/// <summary>A training method: which trajectories are learned from, and how (docs/methods.md).</summary>
public enum TrainingMethod
{
    /// <summary>Successes only, without a condition.</summary>
    Vanilla,

    /// <summary>Negative-unaware training: successes and failures alike, without a condition.</summary>
    Nut,

    /// <summary>
    /// Negative-aware training: successes and failures, each under the condition of its outcome (Wang et al. 2024, arXiv 2402.11651).
    /// </summary>
    Nat,

    /// <summary>Failures count less than successes; under conditions C-RLFT (Wang et al. 2023, arXiv 2309.11235).</summary>
    Weighted,

    /// <summary>The tokens of failures are made less likely (Welleck et al. 2019, arXiv 1908.04319).</summary>
    Unlikelihood,

    /// <summary>Dynamic fine-tuning: successes, each token weighted by its probability (Wu et al. 2025, arXiv 2508.05629).</summary>
    Dft,

    /// <summary>
    /// Direct preference optimization on a success and a failure of the same question (Rafailov et al. 2023, arXiv 2305.18290; on
    /// trajectories Song et al. 2024, arXiv 2403.02502).
    /// </summary>
    Dpo,

    /// <summary>Kahneman-Tversky optimization on successes and failures without pairs (Ethayarajh et al. 2024, arXiv 2402.01306).</summary>
    Kto,

    /// <summary>Anchored preference optimization without pairs (D'Oosterlinck et al. 2024, arXiv 2408.06266).</summary>
    ApoZero,

    /// <summary>Negative-aware fine-tuning on tries whose log-probabilities are known (Chen et al. 2025, arXiv 2505.18116).</summary>
    Nft,

    /// <summary>Group relative policy optimization on such tries (Shao et al. 2024, arXiv 2402.03300).</summary>
    Grpo,
}

/// <summary>Names and traits of methods.</summary>
public static class TrainingMethods
{
    private static readonly (TrainingMethod Method, string Name)[] Named =
    [
        .. Enum.GetValues<TrainingMethod>().Select(method =>
            (method, method == TrainingMethod.ApoZero ? "apo-zero" : method.ToString().ToLowerInvariant())),
    ];

    /// <summary>All names, as options take them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Named.Select(method => method.Name)];

    /// <summary>The method as options, agent cards and reports name it.</summary>
    public static string Name(this TrainingMethod method) => Named[(int)method].Name;

    /// <summary>The method of a name; null for null and for a name that is none.</summary>
    public static TrainingMethod? Find(string? name) =>
        Array.FindIndex(Named, method => method.Name == name) is >= 0 and var index ? Named[index].Method : null;

    /// <summary>Whether anything is learned of failures.</summary>
    public static bool LearnsFailures(this TrainingMethod method) => method is not (TrainingMethod.Vanilla or TrainingMethod.Dft);
}
